"""Rules as dated data: what was published, and what of it is in force on a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Since(Protocol):
    """Something that is in force from a day on, until something newer is."""

    @property
    def since(self) -> str:
        """The first day on which it is in force."""


T = TypeVar("T", bound=Since)


def in_force(versions: Sequence[T], day: str) -> T | None:
    """Return what is in force on a day: the latest `since` not after it, of equals the last published."""
    found: T | None = None
    for each in versions:
        if each.since <= day and (found is None or each.since >= found.since):
            found = each
    return found
