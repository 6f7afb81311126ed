"""A query that keeps what it has read in memory, so that a batch reads every history once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from events.event import Event
from streams.history.histories import Query, Wanted


class KeptQuery:
    """Answers like the query that it wraps; asks it only for what it has not read before."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._kept: dict[str, tuple[Collection[type[Event]], Sequence[Event]]] = {}

    def __call__(self, wanted: Wanted) -> dict[str, Sequence[Event]]:
        """Return the events of the wanted types that carry each wanted tag itself."""
        lacking: dict[str, tuple[type[Event], ...]] = {}
        for tag, types in wanted.items():
            kept = self._kept.get(tag, ((), ()))[0]
            if not kept or not set(types) <= set(kept):
                lacking[tag] = tuple(dict.fromkeys((*kept, *types)))
        if lacking:
            found = self._query(lacking)
            self._kept.update({tag: (types, found[tag]) for tag, types in lacking.items()})
        return {tag: self._of(tag, types) for tag, types in wanted.items()}

    def _of(self, tag: str, types: tuple[type[Event], ...]) -> Sequence[Event]:
        kept, events = self._kept[tag]
        return events if len(kept) == len(types) else [each for each in events if type(each) in types]


def cut(query: Query, upto: int) -> Query:
    """Return a query that answers as it did when the log ended at a position."""

    def at_that_time(wanted: Wanted) -> dict[str, Sequence[Event]]:
        return {
            tag: [each for each in events if each.position <= upto] for tag, events in query(wanted).items()
        }

    return at_that_time
