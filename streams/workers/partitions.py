"""Partitions: the projectors of a worker, one for each partition of a packed topic that it is given."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import chain
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import Struct

from events.entry import Stored, parse
from projections.read_model import ReadModel
from streams.bus.packed import Packed
from streams.bus.topics import partition_of, partitions
from streams.project.projector import BATCH, Projector
from streams.project.share import Share
from streams.read_ports import Parts
from streams.workers.decode_once import Once

Place: TypeAlias = tuple[str, int]
"""A tag kind, which names a packed topic, and a partition of it."""

WARM_BYTES = 256 * 1024 * 1024
"""What the rows that a worker keeps in memory may take."""


class ForeignRecord(Exception):
    """A record tells of another log than the one that the read models follow."""

    def __init__(self, found: bytes, expected: str) -> None:
        super().__init__(
            f"the topics have records of the log {UUID(bytes=found)}, and the database that of {expected}: "
            "give a restored log topics of its own"
        )


class Run(Struct, frozen=True):
    """What a partition has of after < position <= upto."""

    after: int
    upto: int
    entries: list[Stored]


class Partitions:
    """Folds packed records, those of each partition by a projector of its own. One thread uses it.

    Each of the stores has a thread of its own: while the database writes the rows of one partition, those of
    another are folded.
    """

    def __init__(self, parts: Parts, models: Sequence[ReadModel[Any]], bound: int = WARM_BYTES) -> None:
        self._parts, self._bound = parts, bound
        self._stores = (parts.store, *parts.more)
        self._threads = ThreadPoolExecutor(len(self._stores), "fold-partitions")
        self._codec = Once(parts.codec)
        self._models: dict[str, list[ReadModel[Any]]] = {}
        for each in models:
            self._models.setdefault(each.fold.tag, []).append(each)
        self._projectors: dict[Place, Projector] = {}

    def assign(self, places: Collection[Place]) -> None:
        """Fold these partitions from now on, and free what was kept for others."""
        bound = self._bound // max(1, len(places))
        self._projectors = {place: self._projector(place, bound) for place in places}

    def positions(self) -> Mapping[Place, int]:
        """Return how far each partition is for which that is known; another thread may ask."""
        return {place: each.position for place, each in self._projectors.items() if each.known}

    def since(self, place: Place) -> int:
        """Return when what a partition has reached was recorded, in microseconds since 1970; 0 for nothing."""
        projector = self._projectors[place]
        after = projector.position if projector.look() else self._parts.log.head()
        found = self._parts.log.read(after - 1, after) if after else ()
        return parse(found[0].entry).recorded_at if found else 0

    def take(self, records: Mapping[Place, Sequence[Packed]]) -> None:
        """Fold what these records have, in the order of each partition. Raises ForeignRecord."""
        idle: dict[Place, Run] = {}
        busy: list[dict[Place, list[Run]]] = [{} for _ in self._stores]
        with self._forgetting():
            for place, runs in self._runs(records).items():
                if len(runs) == 1 and not runs[0].entries:
                    idle[place] = runs[0]
                else:
                    busy[self._store_of(place)][place] = runs
            folding = [self._threads.submit(self._fold_all, each) for each in busy if each]
            wait(folding)
            for each in folding:
                each.result()
            self._skip(idle)

    def look_again(self) -> None:
        """See what the store has, and fold what it has lost: a database that was killed may miss its last moments."""
        with self._forgetting():
            reached = self.positions()
            marks = [mark for place in reached for mark in self._projectors[place].marks]
            with self._parts.store.transaction() as store:
                live = store.bookmarks(marks)
            for place, at in reached.items():
                if self._projectors[place].skip(live, at, at) is None:
                    self._fold(place, [Run(at, at, [])])

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

    def _projector(self, place: Place, bound: int) -> Projector:
        parts, (kind, number) = self._parts, place
        share, models = Share(number, partitions(kind)), self._models.get(kind, [])
        known = self._projectors.get(place)
        store = self._stores[self._store_of(place)]
        return known or Projector(parts.log, self._codec, store, models, share=share, bound=bound)

    def _store_of(self, place: Place) -> int:
        """Share the partitions out evenly, those of one kind among all."""
        kind, number = place
        return (partition_of(kind, len(self._stores)) + number) % len(self._stores)

    def _runs(self, records: Mapping[Place, Sequence[Packed]]) -> dict[Place, list[Run]]:
        """Join the records of each partition."""
        own = UUID(self._parts.log.id).bytes
        for each in chain.from_iterable(records.values()):
            if each.log != own:
                raise ForeignRecord(each.log, self._parts.log.id)
        return {place: joined(records[place]) for place in records.keys() & self._projectors.keys()}

    def _fold_all(self, busy: Mapping[Place, Sequence[Run]]) -> None:
        for place, runs in busy.items():
            self._fold(place, runs)

    def _fold(self, place: Place, runs: Sequence[Run]) -> None:
        projector = self._projectors[place]
        for run in runs:
            for part in cut(run, BATCH):
                projector.take(part.entries, part.after, part.upto)

    def _skip(self, idle: Mapping[Place, Run]) -> None:
        """Move the bookmarks of idle partitions, all in one transaction."""
        if not idle:
            return
        missing: dict[Place, Run] = {}
        with self._parts.store.transaction() as store:
            live = store.lock([mark for place in idle for mark in self._projectors[place].marks])
            moved = {}
            for place, run in idle.items():
                marks = self._projectors[place].skip(live, run.after, run.upto)
                if marks is None:
                    missing[place] = run
                moved.update(dict.fromkeys(marks or (), run.upto))
            if moved:
                store.move(moved, changed=False)
                store.announce(max(moved.values()))
        for place, run in missing.items():
            self._fold(place, [run])


def retry(parts: Parts, model: ReadModel[Any]) -> int:
    """Fold the held tags of a model afresh, partition by partition; return how many could be released.

    Raises LookupError where the model has no live table of this version.
    """
    live = parts.store.live().get(model.name)
    of, released = live.partitions if live else 1, 0
    for number in range(of):
        projector = Projector(parts.log, parts.codec, parts.store, [model], share=Share(number, of))
        released += projector.retry(model.name)
    return released


def joined(records: Sequence[Packed]) -> list[Run]:
    """Join the records of one partition into stretches without gaps; what comes again is left out."""
    runs: list[Run] = []
    for each in records:
        last = runs[-1] if runs else None
        if last is None or each.after > last.upto:
            runs.append(Run(each.after, each.upto, list(each.entries)))
        elif each.upto > last.upto:
            new = [entry for entry in each.entries if entry.position > last.upto]
            runs[-1] = Run(last.after, each.upto, last.entries + new)
    return runs


def cut(run: Run, most: int) -> Iterator[Run]:
    """Give a run in parts of at most so many entries."""
    after, entries = run.after, run.entries
    for start in range(0, len(entries) - most, most):
        part = entries[start : start + most]
        yield Run(after, part[-1].position, part)
        after = part[-1].position
    yield Run(after, run.upto, [each for each in entries if each.position > after])
