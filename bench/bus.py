"""Common ground of figures of the bus: a log with empty read models, and what its relay sends, made beforehand."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import psycopg
from msgspec import Struct

from adapters.contracts.codec import AvroCodec
from adapters.kafka.clients import producer
from adapters.kafka.relay.producer import BATCH_BYTES, LINGER_MS, records
from adapters.kafka.relay.sender import OutgoingRecord
from adapters.kafka.settings import Kafka
from adapters.postgres.log.log import PostgresLog
from adapters.run.parts import open_parts
from adapters.run.sample_city import fill
from adapters.run.site import site_on
from bench.place import Place
from projections.catalogue import READ_MODELS
from streams.bus.topics import by_kind, kinds
from streams.project.rebuild import Rebuild
from streams.relay.relay import Outgoing, Packet, Reached, Relay

PEOPLE = 5000
LOG = "bench_bus"
"""The database of the log; its read models are at position 0."""


class Stretch(Struct, frozen=True):
    """What a relay writes in one transaction."""

    events: Sequence[Outgoing]
    packets: Sequence[Packet]
    reached: Reached


class Kept:
    """A bus that keeps what is written to it in memory."""

    relay = "bench"

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []

    def take_over(self) -> Reached | None:
        return None

    def write(self, events: Sequence[Outgoing], packets: Sequence[Packet], reached: Reached) -> None:
        self.stretches.append(Stretch(events, packets, reached))

    def records(self, prefix: str) -> list[OutgoingRecord]:
        """Return the records of all stretches."""
        return [
            record
            for each in self.stretches
            for record in records(prefix, each.events, each.packets, each.reached)
        ]


def log(place: Place, people: int = PEOPLE) -> str:
    """Return the address of a sample city's log, which is made once a run."""
    return place.kept(LOG, partial(_make, place, people))


def _make(place: Place, people: int, url: str) -> None:
    Rebuild(partial(open_parts, url), grace_seconds=0).bring_up(READ_MODELS)
    with site_on(place.settings(), url) as site:
        fill(site, lambda _: None, people)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def relayed(url: str) -> Kept:
    """Relay a log to a bus in memory, and return that."""
    entries, kept = PostgresLog(url, readers=2), Kept()
    with Relay(entries, AvroCodec(), kept, kinds()) as relay:
        to_the_head(relay, entries.head())
    entries.close()
    return kept


def to_the_head(relay: Relay, head: int) -> None:
    while relay.position < head:
        relay.step()
    relay.settle()


def bare_producer(kafka: Kafka, **more: Any) -> Any:
    """Return a producer with batches as large as the relay's, without transactions unless `more` asks for them."""
    return producer(kafka, batch_size=BATCH_BYTES, linger_ms=LINGER_MS, metrics_enabled=False, **more)


def send_at_once(kafka: Kafka, packets: Iterable[Packet]) -> float:
    """Send packed records in one transaction, so that readers see all at once; return the moment of its commit."""
    out = bare_producer(kafka, transactional_id=f"{kafka.topics}.relay")
    out.init_transactions()
    out.begin_transaction()
    for each in packets:
        out.send(by_kind(each.kind, kafka.topics), each.record, partition=each.partition)
    out.flush()
    out.commit_transaction()
    committed = time.perf_counter()
    out.close()
    return committed
