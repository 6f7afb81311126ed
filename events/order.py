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

MOST_AHEAD = 5 * 60 * 1_000_000
"""Microseconds that an event may occur ahead of the log's clock: clocks upstream drift by seconds or minutes."""

MOST_BEHIND = 24 * 60 * 60 * 1_000_000
"""Microseconds that an event may come after it occurred, and still count as on time. Sources that send once a day do."""

moment = attrgetter("occurred_at", "position")
"""Return the place in that order of an event, or of anything else that has both fields."""


def late_at(occurred_at: int, recorded_at: int) -> int | None:
    """Return when an event occurred if it was not on time, else None.

    The events of a day that were on time lie between two positions of the log; only the others need an index of their own.
    """
    return None if -MOST_AHEAD <= recorded_at - occurred_at <= MOST_BEHIND else occurred_at


def in_order(items: Iterable[T]) -> list[T]:
    """Return events in the order of what occurred."""
    return sorted(items, key=moment)
