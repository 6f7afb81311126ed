"""The names of a tag as a batch sees them: as of the log, and of the merges and separations that the batch has admitted."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from events.alias import alias_of, alias_types
from events.contract import tags
from events.event import Event
from streams.history.aliases import renaming
from streams.history.components import Components
from streams.history.histories import Query
from streams.history.kept_query import KeptQuery


class Names:
    """Finds the other names of tags for one batch; what it has read of the log stays in memory for the batch."""

    def __init__(self, query: Query) -> None:
        self._query = KeptQuery(query)

    def of(self, tag: str, pending: Iterable[Event]) -> Collection[str]:
        """Return all names of a tag, itself included; `pending` is what the batch has admitted so far, in order."""
        kind, _, value = tag.partition(":")
        types = alias_types(kind)
        if not types:
            return (tag,)
        components = Components()
        for event in self._renamings(tag, types, [each for each in pending if type(each) in types]):
            components.take(renaming(event))
        return [f"{kind}:{each}" for each in components.members(value)]

    def _renamings(self, tag: str, types: tuple[type[Event], ...], pending: Collection[Event]) -> list[Event]:
        """Return the events that ever joined other names with a tag, or parted them from it, in order."""
        kind = tag.partition(":")[0]
        recorded, seen, new = dict[int, Event](), {tag}, [tag]
        while new:
            found = [each for some in self._query(dict.fromkeys(new, types)).values() for each in some]
            recorded |= {each.position: each for each in found}
            named = {each for event in (*found, *pending) for each in _named(event, kind)}
            new = sorted(named - seen)
            seen |= named
        return [*(recorded[each] for each in sorted(recorded)), *pending]


def _named(event: Event, kind: str) -> Iterable[str]:
    alias = alias_of(type(event))
    return tags(event) if alias and alias[0] == kind else ()
