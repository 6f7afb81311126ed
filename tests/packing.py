"""Packed records as the relay makes them, straight from the log: for tests of workers without a broker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from events.contract import tag_fields
from events.entry import Stored
from events.event import Event
from projections.read_model import tag_values
from streams.folding import Unreadable, decode
from streams.names import ALIASES, Names
from streams.packed import Packed
from streams.partitions import Place
from streams.read_ports import Parts
from streams.topics import partition_of, partitions


def places(kinds: Sequence[str]) -> list[Place]:
    """Return all partitions of these kinds."""
    return [(kind, number) for kind in kinds for number in range(partitions(kind))]


class Packing:
    """Packs the log from its beginning, one stretch after another, a record for each place."""

    def __init__(self, parts: Parts, kinds: Sequence[str]) -> None:
        self.parts, self._places, self._names = parts, places(kinds), Names()
        self.position = 0

    def stretch(self, length: int) -> dict[Place, Packed]:
        """Return the records of the next stretch; those without entries are watermarks."""
        stored = self.parts.log.read(self.position, limit=length)
        after, upto = self.position, stored[-1].position if stored else self.position
        entries: dict[Place, list[Stored]] = {place: [] for place in self._places}
        for one, item in zip(stored, decode(self.parts.codec, stored), strict=True):
            for place in self._places if isinstance(item, Unreadable) else set(self._places_of(item)):
                if place in entries:
                    entries[place].append(one)
        self.position, log = upto, UUID(self.parts.log.id).bytes
        return {place: Packed(log, after, upto, each) for place, each in entries.items()}

    def _places_of(self, event: Event) -> Iterator[Place]:
        before = self._values(event)
        if type(event) in ALIASES:
            self._names.advance(event)
        for kind, value in before | self._values(event):
            yield kind, partition_of(value, partitions(kind))

    def _values(self, event: Event) -> set[tuple[str, str]]:
        """Return the values of an event's tags, and those that they are other names of."""
        kinds = {field.tag.kind for field in tag_fields(type(event)) if field.tag}
        values = {(kind, value) for kind in kinds for value in tag_values(event, kind)}
        return values | {(kind, self._names.root(kind, value)) for kind, value in values}
