"""The versions of rule data in a row: the days on which each is in force, and when a retirement ended it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct


class Version(Struct):
    """A version of rule data: its first day, its own last day, and the day of the retirement that ended it."""

    since: str
    until: str | None = None
    ended: str | None = None


class Endable(Protocol):
    """A version that a retirement ends."""

    ended: str | None


def retire(versions: Iterable[Endable], day: str) -> None:
    """End the versions that have not ended yet: from this day on they are not in force."""
    for each in versions:
        each.ended = each.ended or day
