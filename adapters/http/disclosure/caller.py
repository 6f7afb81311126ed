"""The caller: made once a request, and passed to everything that gives something out."""

from __future__ import annotations

from msgspec import Struct
from starlette.requests import Request


class Caller(Struct, frozen=True):
    """Who asks. Nobody proves an identity yet, so there is one caller, who may read everything."""

    name: str


_EVERYBODY = Caller("everybody")


def caller_of(_: Request) -> Caller:
    """Return the caller of a request. Nothing else makes one."""
    return _EVERYBODY
