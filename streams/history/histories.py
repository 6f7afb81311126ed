"""Histories from the log: the events that carry a tag or an alias of it, decoded and in order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from events.alias import alias_types, other_names
from events.catalogue import names
from events.contract import tags
from events.entry import Stored, key
from events.event import Event
from events.rewriting import effective, rewriting_types
from streams.ports import Codec, History, Log


class Histories:
    """Reads histories by tag. A tag's history includes those of its aliases."""

    def __init__(self, log: Log, codec: Codec, *, upto: int | None = None) -> None:
        self._log, self._codec = log, codec
        self.upto = upto
        """The last position that counts; None for all."""

    def read(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, list[Event]]:
        """Return the events of the wanted types that carry each wanted tag, in order; one query as a rule.

        Events that rewrite histories are included whether wanted or not; a fold picks those that it takes.
        Retracted events are left out.
        """
        asked = {tag: _rewritten(tag.partition(":")[0], types) for tag, types in wanted.items()}
        found = self.query(asked)
        merged = {tag: more for tag, history in found.items() if (more := self._merged(tag, history))}
        for tag, more in merged.items():
            own = self.query(dict.fromkeys((tag, *more), asked[tag]))
            together = {event.position: event for events in own.values() for event in events}
            found[tag] = [together[position] for position in sorted(together)]
        return {tag: list(effective(history)) for tag, history in found.items()}

    def query(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, list[Event]]:
        """Return the same without aliases: the events that carry the tags themselves."""
        histories = [History(key(tag), _keys(types)) for tag, types in wanted.items()]
        found: dict[str, list[Event]] = {tag: [] for tag in wanted}
        for event in self.taken(self._log.histories(histories, self.upto), wanted):
            for tag in tags(event):
                if tag in found and type(event) in wanted[tag]:
                    found[tag].append(event)
        return found

    def taken(self, stored: Sequence[Stored], wanted: Collection[str]) -> Iterable[Event]:  # noqa: ARG002 - for subclasses that take fewer
        """Decode the entries read for these tags. Raises Undecodable."""
        return self._codec.decode_all(stored)

    def _merged(self, tag: str, events: Sequence[Event]) -> set[str]:
        """Return the aliases of a tag, and theirs, as tags."""
        if not events:
            return set()
        kind, _, value = tag.partition(":")
        known: set[str] = set()
        new = other_names(value, events)
        while new:
            known |= new
            aliases = alias_types(kind)
            found = self.query(dict.fromkeys((f"{kind}:{each}" for each in new), aliases))
            new = {
                name
                for tag_, history in found.items()
                for name in other_names(tag_.partition(":")[2], history)
            } - known
        return {f"{kind}:{each}" for each in known}


@cache
def _rewritten(kind: str, types: tuple[type[Event], ...]) -> tuple[type[Event], ...]:
    return (*types, *(each for each in rewriting_types(kind) if each not in types))


@cache
def _keys(types: tuple[type[Event], ...]) -> tuple[int, ...]:
    return tuple(key(names()[each]) for each in types)
