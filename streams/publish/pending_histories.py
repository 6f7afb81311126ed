"""Histories as they will be once a batch is appended: those of the log, and the events that the batch has admitted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from events.alias import alias_of
from events.contract import tags
from events.event import Event
from streams.history.aliases import renaming
from streams.history.components import Components
from streams.history.histories import Histories, Joined, Query, Wanted, joined
from streams.history.kept_query import KeptQuery

FIRST_PENDING = 1 << 62
"""The position that stands for that of a batch's first event until it has one: beyond every position of a log."""


class PendingHistories:
    """Reads histories for one batch after another; pending merges, separations and retractions count like recorded ones."""

    def __init__(self, histories: Histories) -> None:
        self._histories = histories
        self._pending: list[Event] = []
        self._by_tag: dict[str, list[Event]] = {}
        self._sorted = 0
        self._recorded: Query = histories.query
        self._names: dict[str, Components] = {}
        """The names found so far, by kind of tag: where to look first, whatever has happened to them since."""

    def begin(self) -> None:
        """Begin a batch; what is read of the log stays in memory until the next one begins."""
        self._pending, self._by_tag, self._sorted = [], {}, 0
        self._recorded = KeptQuery(self._histories.query)

    def add(self, event: Event) -> None:
        """Add an event that the batch has admitted."""
        self._pending.append(event)

    def rename(self, event: Event) -> None:
        """Add an event that rewrites histories."""
        self.add(event)
        if alias_of(type(event)):
            renamed = renaming(event)
            self._names.setdefault(renamed.kind, Components()).take(renamed)

    def read(self, wanted: Wanted) -> dict[str, Joined]:
        """Return the history of each wanted tag under all its names."""
        found = joined(self.query, wanted, self._known)
        for tag, history in found.items():
            if history.aliases:
                self._learn(tag, history.aliases)
        return found

    def _known(self, tag: str) -> Iterable[str]:
        """Return the tags that are known as other names of a tag."""
        kind, _, value = tag.partition(":")
        names = self._names.get(kind)
        return [f"{kind}:{each}" for each in names.members(value)] if names else ()

    def _learn(self, tag: str, aliases: Iterable[str]) -> None:
        kind, _, value = tag.partition(":")
        names = self._names.setdefault(kind, Components())
        for alias in aliases:
            name = alias.partition(":")[2]
            if name not in names.members(value):
                names.begin(name, value)

    @property
    def next_position(self) -> int:
        """The position that stands for that of the next event that the batch admits."""
        return FIRST_PENDING + len(self._pending)

    def placed(self, events: Iterable[Event]) -> list[Event]:
        """Return events that the batch has admitted, with the positions that stand for theirs."""
        wanted = {(each.source, each.id) for each in events}
        return [
            _placed(each, number)
            for number, each in enumerate(self._pending)
            if (each.source, each.id) in wanted
        ]

    def query(self, wanted: Wanted) -> dict[str, Sequence[Event]]:
        """Return the events of the wanted types that carry each wanted tag itself, pending ones included."""
        found = dict(self._recorded(wanted))
        self._sort_pending()
        for tag in self._by_tag.keys() & wanted.keys():
            types = wanted[tag]
            found[tag] = [*found[tag], *(each for each in self._by_tag[tag] if type(each) in types)]
        return found

    def _sort_pending(self) -> None:
        """Sort the events that were added since the last time by tag."""
        for number in range(self._sorted, len(self._pending)):
            event = _placed(self._pending[number], number)
            for tag in tags(event):
                self._by_tag.setdefault(tag, []).append(event)
        self._sorted = len(self._pending)


def _placed(event: Event, number: int) -> Event:
    return event if event.position else replace(event, position=FIRST_PENDING + number)
