"""Packed records as the relay makes them, straight from the log: for tests of workers without a broker."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from streams.bus.packed import Packed, frame, pack_frames, unpack
from streams.bus.topics import partitions
from streams.history.aliases import Aliases
from streams.ports import Undecodable
from streams.read_ports import Parts
from streams.relay.routing import Routes
from streams.workers.partitions import Partition


def places(kinds: Sequence[str]) -> list[Partition]:
    """Return all partitions of these kinds."""
    return [(kind, number) for kind in kinds for number in range(partitions(kind))]


class Packing:
    """Packs the log from its beginning, one stretch after another, a record for each partition."""

    def __init__(self, parts: Parts, kinds: Sequence[str]) -> None:
        self._parts, self._routes = parts, Routes({kind: partitions(kind) for kind in kinds}, Aliases())
        self.position = 0

    def stretch(self, length: int) -> dict[Partition, Packed]:
        """Return the records of the next stretch; those without entries are watermarks."""
        stored = self._parts.log.read(self.position, limit=length)
        after, self.position = self.position, stored[-1].position if stored else self.position
        for each in stored:
            try:
                self._routes.take(self._parts.codec.decode(each), frame(each))
            except Undecodable:
                self._routes.take_unreadable(frame(each))
        log = UUID(self._parts.log.id).bytes
        return {
            (kind, number): unpack(record)
            for kind, number, frames in self._routes.drain()
            for record in pack_frames(log, after, self.position, frames)
        }
