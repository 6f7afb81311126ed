"""A worker's partitions: a projector for each one that the broker has assigned to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import chain
from typing import Any, TypeAlias
from uuid import UUID

from events.entry import Header, Proposal, Stored, parse
from events.event import Event
from projections.read_model import ReadModel
from streams.bus.packed import Packed
from streams.bus.topics import partition_of, partitions
from streams.ports import Codec
from streams.project.projector import BATCH, Projector
from streams.project.share import Share
from streams.read_ports import Parts
from streams.workers.ranges import EntryRange, cut, joined

Partition: TypeAlias = tuple[str, int]
"""A tag kind, which names a packed topic, and the number of a partition of it."""

WARM_BYTES = 256 * 1024 * 1024
"""Memory for rows, shared evenly by all partitions of a worker. More means fewer rows read back from the database."""


class ForeignRecord(Exception):
    """A record belongs to another log than the one that the read models follow."""

    def __init__(self, found: bytes, expected: str) -> None:
        super().__init__(
            f"the topics have records of the log {UUID(bytes=found)}, but the database belongs to {expected}: "
            "give a restored log topics of its own"
        )


class CachingCodec:
    """A caching codec: decodes an entry once even if several partitions need it. Used by one thread."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._known: dict[int, Event] = {}

    def propose(self, event: Event) -> Proposal:
        """Encode an event."""
        return self._codec.propose(event)

    def decode(self, stored: Stored) -> Event:
        """Decode an entry of the log, unless it is cached. Raises Undecodable."""
        found = self._known.get(stored.position)
        if found is None:
            found = self._known[stored.position] = self._codec.decode(stored)
        return found

    def event(self, position: int, header: Header) -> Event:
        """Decode an entry whose header has been parsed. Raises Undecodable."""
        return self._codec.event(position, header)

    def decode_all(self, stored: Sequence[Stored]) -> list[Event]:
        """Decode entries of the log, in order. Raises Undecodable."""
        return [self.decode(each) for each in stored]

    def forget(self) -> None:
        """Empty the cache."""
        self._known = {}


class Partitions:
    """Folds packed records: those of each partition by its own projector. Used by one thread.

    Each store has a thread, so that the rows of one partition are folded while the database writes those of another.
    """

    def __init__(self, parts: Parts, models: Sequence[ReadModel[Any]], bound: int = WARM_BYTES) -> None:
        self._parts, self._bound = parts, bound
        self._stores = (parts.store, *parts.more)
        self._threads = ThreadPoolExecutor(len(self._stores), "fold-partitions")
        self._codec = CachingCodec(parts.codec)
        self._models: dict[str, list[ReadModel[Any]]] = {}
        for each in models:
            self._models.setdefault(each.fold.tag, []).append(each)
        self._projectors: dict[Partition, Projector] = {}

    def assign(self, assigned: Collection[Partition]) -> None:
        """Fold these partitions from now on; drop the rows in memory of all others."""
        bound = self._bound // max(1, len(assigned))
        self._projectors = {each: self._projector(each, bound) for each in assigned}

    def positions(self) -> Mapping[Partition, int]:
        """Return the position of each partition that has one; safe to call from another thread."""
        return {partition: each.position for partition, each in self._projectors.items() if each.known}

    def since(self, partition: Partition) -> int:
        """Return when the last entry that a partition has folded was recorded, in microseconds since 1970, or 0."""
        projector = self._projectors[partition]
        after = projector.position if projector.look() else self._parts.log.head()
        found = self._parts.log.read(after - 1, after) if after else ()
        return parse(found[0].entry).recorded_at if found else 0

    def take(self, records: Mapping[Partition, Sequence[Packed]]) -> None:
        """Fold records, in the order of each partition. Raises ForeignRecord."""
        idle: dict[Partition, EntryRange] = {}
        busy: list[dict[Partition, list[EntryRange]]] = [{} for _ in self._stores]
        with self._forgetting():
            for partition, ranges in self._ranges(records).items():
                if len(ranges) == 1 and not ranges[0].entries:
                    idle[partition] = ranges[0]
                else:
                    busy[self._store_of(partition)][partition] = ranges
            self._fold_side_by_side(busy)
            self._skip(idle)

    def look_again(self) -> None:
        """Fold again what the store has lost: a database that crashed may lack its last moments."""
        with self._forgetting():
            reached = self.positions()
            bookmarks = [each for partition in reached for each in self._projectors[partition].bookmarks]
            with self._parts.store.transaction() as store:
                live = store.bookmarks(bookmarks)
            for partition, at in reached.items():
                if self._projectors[partition].skip(live, at, at) is None:
                    self._fold(partition, [EntryRange(at, at, [])])

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            for each in self._projectors.values():
                each.forget()
            raise
        finally:
            self._codec.forget()

    def _projector(self, partition: Partition, bound: int) -> Projector:
        parts, (kind, number) = self._parts, partition
        share, models = Share(number, partitions(kind)), self._models.get(kind, [])
        known = self._projectors.get(partition)
        store = self._stores[self._store_of(partition)]
        return known or Projector(parts.log, self._codec, store, models, share=share, bound=bound)

    def _store_of(self, partition: Partition) -> int:
        """Spread the partitions of each kind evenly over the stores."""
        kind, number = partition
        return (partition_of(kind, len(self._stores)) + number) % len(self._stores)

    def _ranges(self, records: Mapping[Partition, Sequence[Packed]]) -> dict[Partition, list[EntryRange]]:
        """Join the records of each partition that is assigned here."""
        own = UUID(self._parts.log.id).bytes
        for each in chain.from_iterable(records.values()):
            if each.log != own:
                raise ForeignRecord(each.log, self._parts.log.id)
        return {each: joined(records[each]) for each in records.keys() & self._projectors.keys()}

    def _fold_side_by_side(self, busy: Sequence[Mapping[Partition, Sequence[EntryRange]]]) -> None:
        """Fold the ranges of each store in its thread."""
        folding = [self._threads.submit(self._fold_all, each) for each in busy if each]
        wait(folding)
        for each in folding:
            each.result()

    def _fold_all(self, busy: Mapping[Partition, Sequence[EntryRange]]) -> None:
        for partition, ranges in busy.items():
            self._fold(partition, ranges)

    def _fold(self, partition: Partition, ranges: Sequence[EntryRange]) -> None:
        projector = self._projectors[partition]
        for each in ranges:
            for part in cut(each, BATCH):
                projector.take(part.entries, part.after, part.upto)

    def _skip(self, idle: Mapping[Partition, EntryRange]) -> None:
        """Move the bookmarks of idle partitions, all in one transaction."""
        if not idle:
            return
        missing: dict[Partition, EntryRange] = {}
        with self._parts.store.transaction() as store:
            live = store.lock([each for partition in idle for each in self._projectors[partition].bookmarks])
            moved = {}
            for partition, passed in idle.items():
                bookmarks = self._projectors[partition].skip(live, passed.after, passed.upto)
                if bookmarks is None:
                    missing[partition] = passed
                moved.update(dict.fromkeys(bookmarks or (), passed.upto))
            if moved:
                store.move(moved, changed=False)
                store.announce(max(moved.values()))
        for partition, passed in missing.items():
            self._fold(partition, [passed])


def retry(parts: Parts, model: ReadModel[Any]) -> int:
    """Refold a model's held tags, partition by partition; return how many were released.

    Raises LookupError if the model has no live table of this version.
    """
    live = parts.store.live().get(model.name)
    of, released = live.partitions if live else 1, 0
    for number in range(of):
        projector = Projector(parts.log, parts.codec, parts.store, [model], share=Share(number, of))
        released += projector.retry(model.name)
    return released
