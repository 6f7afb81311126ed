"""An address of the API: routes, OpenAPI and the index are made of such values."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]

Gives = Literal["nothing", "public", "rows", "events", "entries", "figures"]
"""What an answer gives out: nothing, public facts, rows, events, whole entries, or figures for operators."""

Operations = Mapping[str, dict[str, Any]]
"""OpenAPI's operations under their paths."""

Piece = Callable[[str], Operations]
"""Describes an address: takes its path as OpenAPI writes it, and returns its operations under one or more paths."""

_PARAMETER = re.compile(r"\{([a-z_]+)(?::[a-z]+)?\}")


class Address(Struct, frozen=True):
    """A path, and the method that it answers. `path` is in Starlette's form, `index` is its key in the index."""

    path: str
    handler: Handler
    piece: Piece
    index: str
    gives: Gives
    """Determines the right that a caller will need; none is needed yet."""
    method: str = "GET"

    @property
    def shown(self) -> str:
        """The path as OpenAPI and the index write it, without Starlette's converters."""
        return _PARAMETER.sub(r"{\1}", self.path)

    @property
    def segments(self) -> list[str]:
        """The parts of the path."""
        return self.path.split("/")[1:]

    def operations(self) -> Operations:
        """Return OpenAPI's operations of this address."""
        return self.piece(self.shown)


def fixed(operation: dict[str, Any]) -> Piece:
    """Return the piece of an address that is a single path in OpenAPI too."""
    return lambda path: {path: operation}
