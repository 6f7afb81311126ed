"""Histories as they will be once a batch is appended: those of the log, and the events that the batch has admitted."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from events.contract import tags
from events.event import Event
from streams.history.histories import Histories, Joined, Wanted, joined

FIRST_PENDING = 1 << 62
"""The position that stands for that of a batch's first event until it has one: beyond every position of a log."""


class PendingHistories:
    """Reads histories for one batch after another; pending merges, separations and retractions count like recorded ones."""

    def __init__(self, histories: Histories) -> None:
        self._histories = histories
        self._pending: list[Event] = []
        self._by_tag: dict[str, list[Event]] = {}
        self._sorted = 0
        self._kept: dict[str, tuple[tuple[type[Event], ...], Sequence[Event]]] | None = None

    def begin(self, *, keep: bool) -> None:
        """Begin a batch; with `keep`, what is read of the log stays in memory until the next one begins."""
        self._pending, self._by_tag, self._sorted = [], {}, 0
        self._kept = {} if keep else None

    def add(self, event: Event) -> None:
        """Add an event that the batch has admitted."""
        self._pending.append(event)

    def read(self, wanted: Wanted) -> dict[str, Joined]:
        """Return the history of each wanted tag under all its names."""
        return joined(self._query, wanted)

    def _query(self, wanted: Wanted) -> dict[str, Sequence[Event]]:
        found = self._recorded(wanted)
        self._sort_pending()
        for tag in self._by_tag.keys() & wanted.keys():
            types = wanted[tag]
            found[tag] = [*found[tag], *(each for each in self._by_tag[tag] if type(each) in types)]
        return found

    def _recorded(self, wanted: Wanted) -> dict[str, Sequence[Event]]:
        if self._kept is None:
            return dict(self._histories.query(wanted))
        found: dict[str, Sequence[Event]] = {}
        for tag, types in wanted.items():
            kept = self._kept.get(tag)
            if kept and set(types) <= set(kept[0]):
                found[tag] = [each for each in kept[1] if type(each) in types]
        if lacking := {tag: types for tag, types in wanted.items() if tag not in found}:
            for tag, events in self._histories.query(lacking).items():
                found[tag] = events
                self._kept[tag] = lacking[tag], events
        return found

    def _sort_pending(self) -> None:
        """Sort the events that were added since the last time by tag."""
        for number in range(self._sorted, len(self._pending)):
            event = self._pending[number]
            if event.position == 0:
                event = replace(event, position=FIRST_PENDING + number)
            for tag in tags(event):
                self._by_tag.setdefault(tag, []).append(event)
        self._sorted = len(self._pending)
