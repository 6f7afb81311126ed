"""Partitions: the projectors of a worker, one for each partition of a packed topic that it is given."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import Struct

from events.alias import alias_types
from events.entry import Stored, parse
from projections.read_model import ReadModel
from streams.names import alias_events
from streams.packed import Packed
from streams.project import BATCH, Projector
from streams.read_ports import Parts
from streams.share import Share
from streams.topics import partitions

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
    """Folds packed records, those of each partition by a projector of its own. One thread uses it."""

    def __init__(self, parts: Parts, models: Sequence[ReadModel[Any]], bound: int = WARM_BYTES) -> None:
        self._parts, self._bound = parts, bound
        self._models: dict[str, list[ReadModel[Any]]] = {}
        for each in models:
            self._models.setdefault(each.fold.tag, []).append(each)
        self._projectors: dict[Place, Projector] = {}
        self._aliases = _Aliases(parts)

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
        try:
            for place, runs in self._runs(records).items():
                if len(runs) == 1 and not runs[0].entries:
                    idle[place] = runs[0]
                else:
                    self._fold(place, runs)
            if idle:
                self._skip(idle)
        except BaseException:
            for each in self._projectors.values():
                each.forget()
            raise

    def _projector(self, place: Place, bound: int) -> Projector:
        parts, (kind, number) = self._parts, place
        share, models = Share(number, partitions(kind)), self._models.get(kind, [])
        known = self._projectors.get(place)
        return known or Projector(parts.log, parts.codec, parts.store, models, share=share, bound=bound)

    def _runs(self, records: Mapping[Place, Sequence[Packed]]) -> dict[Place, list[Run]]:
        """Join the records of each partition, and add what is said of other names."""
        own = UUID(self._parts.log.id).bytes
        for each in chain.from_iterable(records.values()):
            if each.log != own:
                raise ForeignRecord(each.log, self._parts.log.id)
        runs = {place: joined(records[place]) for place in records.keys() & self._projectors.keys()}
        renaming = [run for (kind, _), each in runs.items() if alias_types(kind) for run in each]
        if not renaming:
            return runs
        self._aliases.cover(min(run.after for run in renaming), max(run.upto for run in renaming))
        return {
            place: [self._aliases.added(run) for run in each] if alias_types(place[0]) else each
            for place, each in runs.items()
        }

    def _fold(self, place: Place, runs: Sequence[Run]) -> None:
        projector = self._projectors[place]
        for run in runs:
            for part in cut(run, BATCH):
                projector.take(part.entries, part.after, part.upto)

    def _skip(self, idle: Mapping[Place, Run]) -> None:
        """Move the bookmarks of idle partitions, all in one transaction."""
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


class _Aliases:
    """What the log says of other names. Each changes whose rows later events change, also on other partitions."""

    def __init__(self, parts: Parts) -> None:
        self._log = parts.log
        self._found: list[Stored] = []
        self._after = self._upto = 0

    def cover(self, after: int, upto: int) -> None:
        """Read what is not known yet of a stretch."""
        if not self._after <= after <= self._upto:
            self._found, self._after, self._upto = [], after, after
        if upto > self._upto:
            self._found += alias_events(self._log, self._upto, upto)
            self._upto = upto

    def added(self, run: Run) -> Run:
        """Return a run with all events about other names that lie in it."""
        begin, end = (bisect_right(self._found, each, key=_position) for each in (run.after, run.upto))
        if begin == end:
            return run
        entries = {each.position: each for each in (*run.entries, *self._found[begin:end])}
        return Run(run.after, run.upto, [entries[position] for position in sorted(entries)])


_position = attrgetter("position")


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
