"""The path of a request: routed as it was sent, and each part decoded once."""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from adapters.http.protocol.address import Handler
from adapters.http.protocol.problems import Problem

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
"""The characters whose escapes mean the same as they themselves (RFC 3986, section 2.3)."""


def route_as_sent(scope: Scope) -> None:
    """Have the request routed by its path in normal form (RFC 3986, section 6.2.2), in which a `%2F` separates nothing."""
    raw: bytes | None = scope.get("raw_path")
    if raw is not None and b"%" in raw:
        scope["path"] = _ESCAPE.sub(_normal, raw.decode("latin-1"))


def _normal(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def segments(request: Request, before: int) -> list[str]:
    """Return the parts of the path after the first `before`, each decoded separately."""
    return [_decoded(each) for each in request.scope["path"].split("/")[before + 1 :]]


def with_decoded_path(handler: Handler) -> Handler:
    """Return a handler whose request has its `path_params` decoded."""

    async def answer(request: Request) -> Response:
        given = request.scope["path_params"]
        request.scope["path_params"] = {name: _decoded(text) for name, text in given.items()}
        return await handler(request)

    return answer


def _decoded(text: str) -> str:
    """Decode a part of a path. Raises Problem."""
    if "%" not in text:
        return text
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise Problem(400, "bad-address", "Bad address", "the path is not UTF-8") from None
    if "\0" in decoded:
        raise Problem(400, "bad-address", "Bad address", "the path contains the character NUL")
    return decoded
