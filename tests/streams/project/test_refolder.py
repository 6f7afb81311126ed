"""Rows whose histories are too long for a batch are marked, folded again beside the projector, and right in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from events.event import Event
from projections.read_model import Key
from streams.history import stream
from streams.project import budget, projector, refolder, refolds
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild
from streams.project.refolder import Refolder
from streams.read_ports import Line, Open, Parts, RefoldMark
from streams.workers.handover import spread
from streams.workers.partitions import Partitions
from tests.logs.histories import CHOSEN, append, lines
from tests.logs.naive import naive
from tests.logs.packing import Packing, places
from tests.logs.read_models import KINDS
from tests.streams.history.test_order_of_occurrence import arrived

SHORT = 12
"""Events that a batch may fold again, each counted for every model."""


LOOKS = 0.2
"""How often all rows are looked at."""


class Killed(Exception):
    """Stands for the death of a process."""


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_REFOLDED", SHORT)
    monkeypatch.setattr(refolds, "MOST_DAYS", 1)
    monkeypatch.setattr(stream, "SLICE", 7)
    monkeypatch.setattr(refolder, "MOST_BEHIND", 3)


def marks(parts: Parts) -> list[RefoldMark]:
    with parts.store.transaction() as store:
        return [each for model in CHOSEN for each in store.marks(model.name)]


def marked(found: Sequence[RefoldMark], model: str, row: Key) -> bool:
    return any(each.model == model and each.value == row[0] and each.key in (None, row) for each in found)


def assert_right(parts: Parts, events: Sequence[Event], *, positions: bool = False) -> None:
    """Assert that every row without a mark is what a sort of all events folds to."""
    left = marks(parts)
    for model in CHOSEN:
        live, true = lines(parts, model.name), naive(model, events)
        for row in live.keys() | true.keys():
            if marked(left, model.name, row):
                continue
            one, other = live.get(row), true.get(row)
            assert one, (model.name, row, other)
            assert other, (model.name, row, one)
            assert _told(one, positions=positions) == _told(other, positions=positions), (model.name, row)


def _told(line: Line, *, positions: bool) -> tuple[Any, ...]:
    return line.row, line.at, line.position if positions else None


def head(parts: Parts) -> int:
    return min(each.position for each in parts.store.live().values())


class Workers:
    """Partitions that are folded from the bus, in the place of a projector."""

    def __init__(self, parts: Parts) -> None:
        spread(parts, CHOSEN)
        self._parts, self._packing = parts, Packing(parts, KINDS)
        self.forget()

    def forget(self) -> None:
        """Die, and start again."""
        self._worker = Partitions(self._parts, CHOSEN)
        self._worker.assign(places(KINDS))

    def step(self) -> bool:
        """Take what has come next."""
        if self._packing.position >= self._parts.log.head():
            return False
        self._worker.take({place: [each] for place, each in self._packing.stretch(20).items()})
        return True


class Trial:
    """Everybody who has a hand in the rows, each acting when chance says so."""

    def __init__(
        self, open_: Open, parts: Parts, patch: pytest.MonkeyPatch, random: Random, *, workers: bool
    ) -> None:
        self._open, self.parts, self._patch, self._random = open_, parts, patch, random
        self.rewriting = random.choice((0.0, 0.08))
        self.events = arrived(
            random.randrange(1000), merges=self.rewriting, retractions=self.rewriting + 0.05
        )
        self.live = Workers(parts) if workers else Projector(parts.log, parts.codec, parts.store, CHOSEN)
        self.aside = Refolder(parts, CHOSEN)
        self.done = self.ever_marked = 0

    def act(self) -> None:
        """Do something."""
        acts: list[Callable[[], None]] = [
            *(self.publish, self.publish, self.follow, self.follow, self.fold_aside),
            *(self.die, self.fold_while_more_comes, self.live.forget, self.rebuild),
        ]
        self._random.choice(acts)()

    def publish(self) -> None:
        size = self._random.choice((1, 5, 30))
        append(self.parts.log, self.parts.codec, self.events[self.done : self.done + size])
        self.done = min(self.done + size, len(self.events))

    def follow(self) -> None:
        """Follow to the head: a mark never makes a bookmark wait."""
        self._patch.setattr(projector, "BATCH", self._random.choice((3, 5000)))
        while self.live.step():
            pass
        assert min(each.position for each in self.parts.store.live().values()) == self.parts.log.head()
        self.ever_marked += len(marks(self.parts))

    def fold_aside(self) -> None:
        self.aside.step()

    def die(self) -> None:
        """Die after the folding, before the rows are in place."""
        with self._patch.context() as patch, suppress(Killed):
            patch.setattr(Refolder, "_write", _killed)
            self.aside.step()

    def fold_while_more_comes(self) -> None:
        """Let more come after the folding, before the rows are in place."""
        finish = Refolder._finish

        def later(aside: Refolder, result: Any) -> None:
            self.publish()
            self.follow()
            finish(aside, result)

        with self._patch.context() as patch:
            patch.setattr(Refolder, "_finish", later)
            self.aside.step()

    def rebuild(self) -> None:
        Rebuild(self._open).run(self._random.sample(CHOSEN, 2))

    def assert_right(self) -> None:
        assert_right(self.parts, self.events[: self.done], positions=not self.rewriting)


@pytest.mark.parametrize("seed, workers", [(0, False), (1, False), (2, False), (3, True), (4, True)])
def test_whatever_happens_unmarked_rows_are_right_and_in_the_end_all_are(
    open_: Open,
    parts: Parts,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    workers: bool,  # noqa: FBT001
) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    random = Random(seed)
    trial = Trial(open_, parts, monkeypatch, random, workers=workers)
    while trial.done < len(trial.events):
        trial.act()
        if random.random() < LOOKS:
            trial.follow()
            trial.assert_right()
    trial.follow()
    while trial.aside.step():
        trial.follow()
    assert trial.ever_marked
    assert marks(parts) == []
    trial.assert_right()


def _killed(*_: Any) -> None:
    raise Killed
