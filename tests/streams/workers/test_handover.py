"""Embedded projectors and workers take over from each other, at any moment, without a lost or doubled effect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from streams.bus.packed import Packed
from streams.bus.topics import partitions
from streams.project.projector import Projector, Repartitioned
from streams.project.rebuild import Rebuild
from streams.read_ports import Open, Parts
from streams.recheck.replay import replay
from streams.workers.handover import gather, spread
from streams.workers.partitions import Partitions
from tests.logs.histories import CHOSEN, City, append, assert_sound
from tests.logs.packing import Packing, places
from tests.logs.read_models import KINDS, MODELS
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
EVERYWHERE = places(KINDS)


@pytest.fixture(autouse=True)
def _built(open_: Open, parts: Parts) -> None:
    Rebuild(open_).bring_up(CHOSEN)


def finish(open_: Open, parts: Parts) -> None:
    gather(parts, CHOSEN)
    live = Projector(parts.log, parts.codec, parts.store, CHOSEN)
    while live.step():
        pass
    assert {each.position for each in parts.store.live().values()} == {parts.log.head()}
    assert_sound(parts, MODELS)
    assert list(replay(open_, CHOSEN)) == []


def test_bookmarks_are_spread_and_gathered(open_: Open, parts: Parts) -> None:
    city = City(1, merges=0.05)
    append(parts.log, parts.codec, city.events(300))
    Projector(parts.log, parts.codec, parts.store, CHOSEN).step()
    before = parts.store.live()
    spread(parts, CHOSEN)
    live = parts.store.live()
    assert all(live[each.name].partitions == partitions(each.fold.tag) for each in CHOSEN)
    assert {each.position for each in live.values()} == {300}
    assert all(live[name].epoch >= before[name].epoch for name in MODELS)
    append(parts.log, parts.codec, city.events(300))
    packing, worker = Packing(parts, KINDS), Partitions(parts, CHOSEN)
    worker.assign(EVERYWHERE)
    packing.stretch(300)
    for place, record in packing.stretch(200).items():
        if place[1] % 2:
            worker.take({place: [record]})
    assert parts.store.live()["students"].position == 300
    before = parts.store.live()
    gather(parts, CHOSEN)
    live = parts.store.live()
    assert {(each.partitions, each.position) for each in live.values()} == {(1, 500)}
    assert all(live[name].epoch >= before[name].epoch for name in MODELS)
    finish(open_, parts)


class Actors:
    """An embedded projector and two workers, each with parts of its own; they know nothing of each other."""

    def __init__(self, open_: Open, stack: ExitStack, random: Random) -> None:
        self.parts = [stack.enter_context(open_()) for _ in range(3)]
        self._random, self._open = random, open_
        self._packing = Packing(self.parts[0], KINDS)
        self._records: list[dict[tuple[str, int], Packed]] = []
        self._workers = [self._worker(0), self._worker(1)]
        self._embedded = self._projector()

    def act(self) -> None:
        """Let one of them do something: half of them in a mode that is not theirs."""
        choices = [
            self.embedded,
            self.worker,
            self.worker,
            self.worker,
            self.gather,
            self.spread,
            self.rebuild,
        ]
        self._random.choice(choices)()

    def embedded(self) -> None:
        try:
            self._embedded.step()
        except Repartitioned:
            self._embedded = self._projector()

    def worker(self) -> None:
        number = self._random.randrange(2)
        if self._packing.position < self.parts[0].log.head():
            self._records.append(self._packing.stretch(self._random.choice((5, 40))))
        if not self._records:
            return
        start = self._random.randrange(len(self._records))
        some = [place for place in EVERYWHERE if self._random.random() < 0.5]
        try:
            self._workers[number].take(
                {place: [each[place] for each in self._records[start:]] for place in some}
            )
        except Repartitioned:
            self._workers[number] = self._worker(number)

    def gather(self) -> None:
        gather(self.parts[2], CHOSEN)

    def spread(self) -> None:
        spread(self.parts[2], CHOSEN)

    def rebuild(self) -> None:
        if self._random.random() < 0.3:
            Rebuild(self._open).run([self._random.choice(CHOSEN)])

    def _worker(self, number: int) -> Partitions:
        worker = Partitions(self.parts[number], CHOSEN)
        worker.assign(EVERYWHERE)
        return worker

    def _projector(self) -> Projector:
        parts = self.parts[2]
        return Projector(parts.log, parts.codec, parts.store, CHOSEN)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_in_whatever_order(open_: Open, parts: Parts, seed: int) -> None:
    city, random = City(seed, merges=0.06, retractions=0.03), Random(seed)
    with ExitStack() as stack:
        actors = Actors(open_, stack, random)
        for _ in range(40):
            append(parts.log, parts.codec, city.events(random.choice((0, 3, 30))))
            actors.act()
    assert_sound(parts, MODELS)
    finish(open_, parts)


BACK_AND_FORTH = """
import sys
from random import Random
from adapters.run.parts import open_parts
from streams.project import projector
from streams.project.projector import Projector
from streams.workers import partitions
from streams.workers.handover import gather, spread
from streams.workers.partitions import Partitions
from tests.logs.histories import model
from tests.logs.packing import Packing, places
KINDS, chosen, random = ("person", "school"), [model(each) for each in sys.argv[3:]], Random(int(sys.argv[2]))
projector.BATCH = partitions.BATCH = 9
with open_parts(sys.argv[1]) as parts:
    packing = Packing(parts, KINDS)
    while True:
        spread(parts, chosen)
        worker = Partitions(parts, chosen)
        worker.assign(places(KINDS))
        for _ in range(3):
            records = packing.stretch(30)
            some = [place for place in records if random.random() < 0.6]
            worker.take({place: [records[place]] for place in some})
        gather(parts, chosen)
        Projector(parts.log, parts.codec, parts.store, chosen).step()
"""


def epochs(parts: Parts) -> int:
    return sum(each.epoch for each in parts.store.live().values())


def test_killed_at_any_moment_of_a_hand_over(open_: Open, parts: Parts, database_url: str) -> None:
    append(parts.log, parts.codec, City(3, merges=0.05).events(4000))
    moments = Random(3)
    for turn in range(5):
        before, deadline = epochs(parts), time.monotonic() + PATIENCE
        process = subprocess.Popen(
            [sys.executable, "-c", BACK_AND_FORTH, database_url, str(turn), *MODELS],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
        )
        while epochs(parts) == before:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert_sound(parts, MODELS)
    finish(open_, parts)
