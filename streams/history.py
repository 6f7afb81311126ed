"""Histories from the log: what carries a tag, or another name of it, decoded and in order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from events.alias import alias_types, other_names
from events.catalogue import names
from events.contract import tags
from events.entry import Stored, key
from events.event import Event
from streams.ports import Codec, History, Log


class Histories:
    """Reads histories by tag. A tag's history includes that of the numbers that were merged into it."""

    def __init__(self, log: Log, codec: Codec) -> None:
        self._log, self._codec = log, codec

    def read(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, list[Event]]:
        """Return the events of the wanted types that carry each wanted tag, in order; one query as a rule.

        Alias events of the tag's kind come along whether wanted or not: who folds them knows which it takes.
        """
        asked = {tag: self._with_aliases(tag, types) for tag, types in wanted.items()}
        found = self.query(asked)
        merged = {tag: more for tag in wanted if (more := self._merged(tag, found[tag]))}
        for tag, more in merged.items():
            own = self.query(dict.fromkeys((tag, *more), asked[tag]))
            together = {event.position: event for events in own.values() for event in events}
            found[tag] = [together[position] for position in sorted(together)]
        return found

    def _with_aliases(self, tag: str, types: tuple[type[Event], ...]) -> tuple[type[Event], ...]:
        aliases = alias_types(tuple(names()), tag.partition(":")[0])
        return (*types, *(each for each in aliases if each not in types))

    def query(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, list[Event]]:
        """Return the same without other names: what carries the tags themselves."""
        wire = names()
        histories = [
            History(key(tag), tuple(key(wire[each]) for each in types)) for tag, types in wanted.items()
        ]
        found: dict[str, list[Event]] = {tag: [] for tag in wanted}
        for event in self.taken(self._log.histories(histories), wanted):
            for tag in tags(event):
                if tag in found and type(event) in wanted[tag]:
                    found[tag].append(event)
        return found

    def taken(self, stored: Sequence[Stored], wanted: Collection[str]) -> Iterable[Event]:  # noqa: ARG002 - for those who take less
        """Decode what was read of these tags. Raises Undecodable."""
        return self._codec.decode_all(stored)

    def _merged(self, tag: str, events: Sequence[Event]) -> set[str]:
        """Return the tags that are other names of this one, theirs included."""
        kind, _, value = tag.partition(":")
        known: set[str] = set()
        new = other_names(value, events)
        while new:
            known |= new
            aliases = alias_types(tuple(names()), kind)
            found = self.query(dict.fromkeys((f"{kind}:{each}" for each in new), aliases))
            new = {
                name
                for tag_, history in found.items()
                for name in other_names(tag_.partition(":")[2], history)
            } - known
        return {f"{kind}:{each}" for each in known}
