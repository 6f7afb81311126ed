"""The key of a row as it stands in a path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from starlette.requests import Request

from adapters.http.protocol.grammar import value
from adapters.http.protocol.path import segments
from adapters.http.protocol.problems import Problem
from adapters.postgres.serve.tables import LiveTable


def read_parts(request: Request, live: LiveTable, before: int) -> list[Any]:
    """Return the values of a key, or of its first parts, after the first `before` parts of the path."""
    parts = segments(request, before)
    if len(parts) > len(live.key):
        _refuse(live)
    return [value(name, text, live) for name, text in zip(live.key, parts, strict=False)]


def read_key(request: Request, live: LiveTable, before: int) -> list[Any]:
    """Return the values of a whole key after the first `before` parts of the path."""
    parts = segments(request, before)
    if len(parts) != len(live.key):
        _refuse(live)
    return [value(name, text, live) for name, text in zip(live.key, parts, strict=True)]


def _refuse(live: LiveTable) -> NoReturn:
    detail = f"the key of {live.name} is {'/'.join(live.key)}"
    raise Problem(404, "unknown-address", "Unknown address", detail)


def no_such_row(live: LiveTable, key: Sequence[Any], *, past: bool = False) -> Problem:
    """Return the problem of a key that has no row, or had none at a time."""
    named = "/".join(map(str, key))
    detail = f"{live.name} had no row {named} at that time" if past else f"{live.name} has no row {named}"
    return Problem(404, "no-such-row", "No such row", detail)
