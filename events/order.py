"""The order of what occurred: by time and, of what occurred at the same time, by position in the log."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Moment: TypeAlias = tuple[int, int]
"""A place in that order: microseconds since 1970, and a position."""

NEVER = -(1 << 63)
"""Before any time of an event."""

moment = attrgetter("occurred_at", "position")
"""Return the place in that order of an event, or of anything else that has both fields."""


def in_order(items: Iterable[T]) -> list[T]:
    """Return events in the order of what occurred."""
    return sorted(items, key=moment)
