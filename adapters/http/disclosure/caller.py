"""Who asks: made once a request, and handed to all that gives something out."""

from __future__ import annotations

from msgspec import Struct
from starlette.requests import Request


class Caller(Struct, frozen=True):
    """Who asks. Nobody has to prove who they are yet, so all are one caller, who may read everything."""

    name: str


_EVERYBODY = Caller("everybody")


def caller_of(_: Request) -> Caller:
    """Return who asks. Nothing else makes a caller."""
    return _EVERYBODY
