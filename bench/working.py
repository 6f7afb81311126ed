"""Figures of workers: from the packed topics into all read models, as real processes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median

import psutil

from adapters.kafka.settings import Kafka
from bench.bus import LOG, PEOPLE, log, relayed, send_at_once
from bench.figure import CORES, Figure, in_turn
from bench.place import Place
from bench.processes import PUJIANG, Running, await_assigned, running
from bench.serving import await_reached
from projections.catalogue import READ_MODELS
from streams.bus.packed import Packed, pack, unpack
from streams.bus.topics import kinds
from streams.relay.relay import Packet

ROUNDS = 3
PARTITIONS = sum(kinds().values())
LIMITS = f"{CORES} cores for workers, broker and PostgreSQL together"


def working(place: Place, people: int = PEOPLE, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Measure one worker, from when all records are in the topics until all its bookmarks are at the head."""
    sides = _Sides(place, people)
    ours, bare, singles = in_turn(
        rounds, sides.workers, partial(sides.bare, "loop"), partial(sides.bare, "faust")
    )
    cpu = {name: used / rounds / sides.count * 1e6 for name, used in sides.cpu_seconds.items()}
    told = f"{sides.count:,} events, {len(READ_MODELS)} read models, {len(sides.packets):,} records"
    yield Figure(
        name="one worker on the packed topics, against a bare aiokafka loop that folds and writes the same rows",
        unit="events/s",
        figure=ours,
        yardstick=bare,
        target=">= 0.8",
        note=f"{told}; {cpu['1']:.0f} against {cpu['loop']:.0f} µs of CPU an event",
        limits=LIMITS,
    )
    yield Figure(
        name="one worker on the packed topics, against Faust with one event a record, the same rows",
        unit="events/s",
        figure=ours,
        yardstick=singles,
        target=">= 2.5",
        note=f"{told}, against {len(sides.single):,}; {cpu['1']:.0f} against {cpu['faust']:.0f} µs of CPU an event",
        limits=LIMITS,
    )


def two_workers(place: Place, people: int = PEOPLE, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Measure two workers that share the partitions, against one."""
    sides = _Sides(place, people)
    two, one = in_turn(rounds, partial(sides.workers, 2), sides.workers)
    cpu = {name: used / rounds / sides.count * 1e6 for name, used in sides.cpu_seconds.items()}
    yield Figure(
        name="two workers on the packed topics, against one",
        unit="events/s",
        figure=two,
        yardstick=one,
        target=">= 1.6",
        note=f"{sides.count:,} events; {cpu['2']:.0f} against {cpu['1']:.0f} µs of CPU of workers an event; with two the {CORES} "
        f"cores were {median(sides.busy['2']):.0f} % in use, with one {median(sides.busy['1']):.0f} %",
        limits=LIMITS,
    )


class _Sides:
    """The sides that are taken in turn; each round has its own database and topics."""

    def __init__(self, place: Place, people: int) -> None:
        self._place = place
        stretches = [each for each in relayed(log(place, people)).stretches if each.packets]
        first = stretches[: len(stretches) // 3]
        self._marks = [each[-1].reached.position for each in (first, stretches) if each]
        self.count = self._marks[-1] - self._marks[0] if first else self._marks[0]
        self.begun = [packed for each in first for packed in each.packets]
        self.packets = [packed for each in stretches[len(first) :] for packed in each.packets]
        self.single = [single for each in self.packets for single in singles(each)]
        self.cpu_seconds: dict[str, float] = {}
        self.busy: dict[str, list[float]] = {}
        """The percentage of the cores in use by any process, in each round."""

    def workers(self, count: int = 1) -> float:
        """Measure this many real workers."""
        kafka, place = self._place.bus(), self._place
        with (
            place.database("bench_worker", LOG) as url,
            running(place, url, kafka, *([*PUJIANG, "worker"],) * count) as started,
        ):
            return self._taken(str(count), kafka, self.packets, started, partial(await_reached, url))

    def bare(self, kind: str) -> float:
        """Measure a process of `bench.bare`."""
        kafka, place = self._place.bus(), self._place
        packets = self.packets if kind == "loop" else self.single
        with place.database("bench_bare_worker", LOG) as url:
            asked = (kind, url, *kafka.servers, kafka.topics, *map(str, self._marks))
            with running(place, url, kafka, [sys.executable, "-m", "bench.bare", *asked]) as started:
                wait = started[0].await_said
                return self._taken(kind, kafka, packets, started, lambda mark: wait(f"reached-{mark}"))

    def _taken(
        self,
        name: str,
        kafka: Kafka,
        packets: Sequence[Packet],
        started: Sequence[Running],
        wait: Callable[[int], None],
    ) -> float:
        """Wait until the first third is done, then time the rest; return the events of the log folded per second."""
        await_assigned(started, PARTITIONS)
        if self.begun:
            send_at_once(kafka, self.begun)
            wait(self._marks[0])
        before = sum(each.cpu_seconds() for each in started)
        psutil.cpu_percent()
        began = send_at_once(kafka, packets)
        wait(self._marks[-1])
        taken = time.perf_counter() - began
        self.busy.setdefault(name, []).append(psutil.cpu_percent())
        used = sum(each.cpu_seconds() for each in started) - before
        self.cpu_seconds[name] = self.cpu_seconds.get(name, 0.0) + used
        return self.count / taken


def singles(packet: Packet) -> Iterator[Packet]:
    """Split a packed record into records of one entry; the last is a watermark."""
    packed = unpack(packet.record)
    after = packed.after
    for entry in packed.entries:
        one = Packed(packed.log, after, entry.position, (entry,))
        yield Packet(packet.kind, packet.partition, pack(one))
        after = entry.position
    if after < packed.upto:
        yield Packet(packet.kind, packet.partition, pack(Packed(packed.log, after, packed.upto)))
