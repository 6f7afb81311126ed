"""The parts of a path."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.requests import Request

from adapters.http.protocol.problems import Problem


def segments(request: Request, before: int) -> list[str]:
    """Return the parts of the path after the first `before`, each decoded separately."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    parts = raw.decode("latin-1").split("/")[before + 1 :]
    if b"%" not in raw:
        return parts
    try:
        return [unquote(each, errors="strict") for each in parts]
    except UnicodeDecodeError:
        raise Problem(400, "bad-address", "Bad address", "the path is not UTF-8") from None
