"""The figure of the relay: from the log to the topics, against a producer given the same records."""

from __future__ import annotations

import time
from collections.abc import Iterator

from adapters.contracts.codec import AvroCodec
from adapters.kafka.relay.producer import KafkaBus
from adapters.postgres.log.log import PostgresLog
from bench.bus import PEOPLE, Kept, bare_producer, log, relayed, to_the_head
from bench.figure import Figure, in_turn, rate
from bench.place import Place
from streams.bus.topics import kinds
from streams.relay.relay import Relay

ROUNDS = 5


def relaying(place: Place, people: int = PEOPLE, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Measure the whole log of a sample city, relayed in each round to topics of its own."""
    url = log(place, people)
    kept = relayed(url)
    count = kept.stretches[-1].reached.position
    sides = _Relaying(place, url, count), _Sending(place, kept, count)
    ours, theirs = in_turn(rounds, *sides)
    cpu = [each.cpu_seconds / rounds / count * 1e6 for each in sides]
    yield Figure(
        name="relay from the log to all topics, against a bare kafka-python producer of the same records",
        unit="events/s",
        figure=ours,
        yardstick=theirs,
        target=">= 0.7",
        note=f"{count:,} events, {sides[1].records:,} records; each in one process, which uses {cpu[0]:.0f} against "
        f"{cpu[1]:.0f} µs of CPU an event; broker and PostgreSQL beside it",
    )


class _Relaying:
    """Relays the log as `pujiang relay` does; it connects before the clock starts."""

    def __init__(self, place: Place, url: str, count: int) -> None:
        self._place, self._url, self._count = place, url, count
        self.cpu_seconds = 0.0

    def __call__(self) -> float:
        entries, bus = PostgresLog(self._url, readers=2), KafkaBus(self._place.bus())
        with Relay(entries, AvroCodec(), bus, kinds()) as relay:
            relay.take_over()
            before = time.process_time()
            found = rate(self._count, lambda: to_the_head(relay, self._count))
            self.cpu_seconds += time.process_time() - before
        bus.close()
        entries.close()
        return found


class _Sending:
    """The yardstick: sends the records, which are made before the clock starts."""

    def __init__(self, place: Place, kept: Kept, count: int) -> None:
        self._place, self._kept, self._count = place, kept, count
        self.cpu_seconds, self.records = 0.0, 0

    def __call__(self) -> float:
        kafka = self._place.bus()
        made, out = self._kept.records(kafka.topics), bare_producer(kafka)
        for topic in {each[0] for each in made}:
            out.partitions_for(topic)

        def send() -> None:
            for each in made:
                out.send(*each)
            out.flush()

        before = time.process_time()
        found = rate(self._count, send)
        self.cpu_seconds += time.process_time() - before
        self.records = len(made)
        out.close()
        return found
