"""The relay's side of the message bus: a transactional producer, fenced by the broker."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any
from uuid import uuid4

import msgspec
import structlog
from kafka.errors import KafkaError, KafkaTimeoutError, ProducerFencedError

from adapters.kafka.clients import KafkaFault, producer
from adapters.kafka.relay import relayed_topic
from adapters.kafka.relay.sender import Header, OutgoingRecord, send_all
from adapters.kafka.settings import Kafka
from events.clock import HOUR, instant
from streams.bus.topics import EVENTS, by_kind, partition_of, topics
from streams.relay.relay import BusUnavailable, Outgoing, Packet, Reached, RelayFault

log = structlog.get_logger()

TRANSACTION_MS = 900_000
"""The longest time that brokers allow. Nobody else writes to these topics, and a successor ends an open transaction."""
BATCH_BYTES = 256 * 1024
"""Bytes of a batch of records for one partition."""
LINGER_MS = 100
"""How long a batch is filled before it is sent; a commit sends it at once."""
DELIVERY_MS, REQUEST_MS = 8_000, 5_000
"""When a transaction is given up and repeated: kafka-python's sender may hang after its broker was killed."""
COMMIT_MS = DELIVERY_MS + REQUEST_MS
RETRY_MS = 20
"""Also how long the next transaction waits while the broker has not finished the last."""
SUCCESSOR_SECONDS = 10.0
"""How long a fenced relay looks for its successor before it concludes that the broker itself has fenced it."""
LOOK_SECONDS = 0.2
CLOSE_SECONDS = 1.0
"""How long closing may wait for records; nothing that is lost then was committed."""

_SAME: tuple[Header, ...] = (("ce_specversion", b"1.0"), ("content-type", b"application/avro"))


class KafkaBus:
    """The port `Bus` over Kafka. It can be used again after BusUnavailable, and stays the same relay."""

    def __init__(self, kafka: Kafka) -> None:
        self.relay = uuid4().hex
        self._kafka = kafka
        self._producer: Any = None
        self._claimed = self._fenced = False

    def take_over(self) -> Reached | None:
        """Fence older relays, and read how far they came."""
        self.close()
        try:
            if self._claimed:
                self._look_for_successor()
            self._producer = producer(
                self._kafka,
                transactional_id=f"{self._kafka.topics}.relay",
                transaction_timeout_ms=TRANSACTION_MS,
                batch_size=BATCH_BYTES,
                linger_ms=LINGER_MS,
                delivery_timeout_ms=DELIVERY_MS,
                request_timeout_ms=REQUEST_MS,
                retry_backoff_ms=RETRY_MS,
                metrics_enabled=False,
            )
            self._producer.init_transactions()
            self._learn_partitions()
            return relayed_topic.last(self._kafka)
        except (KafkaError, KafkaFault) as error:
            raise self._unavailable(error) from error

    def write(self, events: Sequence[Outgoing], packets: Sequence[Packet], reached: Reached) -> None:
        """Write a stretch as one transaction."""
        try:
            self._producer.begin_transaction()
            send_all(self._producer, records(self._kafka.topics, events, packets, reached))
            self._commit()
        except KafkaError as error:
            raise self._unavailable(error) from error
        self._claimed, self._fenced = True, False

    def close(self) -> None:
        """Close the producer. An open transaction is left to the broker, which never commits it."""
        if self._producer is None:
            return
        sending, self._producer = self._producer, None
        try:
            sending.close(timeout=CLOSE_SECONDS)
        except KafkaError:
            # Its thread waits for records that it cannot send, unless it is forced to end.
            sending._sender.force_close()  # noqa: SLF001 - the public way is the one that has just failed

    def _commit(self) -> None:
        """Commit; `commit_transaction` would wait forever if the broker was killed meanwhile."""
        committing = self._producer._transaction_manager.begin_commit()  # noqa: SLF001 - no public way has an end
        self._producer._sender.wakeup()  # noqa: SLF001 - the same
        if not committing.wait(COMMIT_MS):
            raise KafkaTimeoutError(f"a transaction was not committed within {COMMIT_MS / 1000:g} s")

    def _learn_partitions(self) -> None:
        """Ask for the partitions of all topics at once; otherwise the first record of each topic asks, one by one."""
        names = [each.name for each in topics(self._kafka.topics)]
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(self._producer.partitions_for, names))

    def _look_for_successor(self) -> None:
        """Raise RelayFault if another relay has taken over. A fenced relay waits for one that has just begun to."""
        deadline = time.monotonic() + (SUCCESSOR_SECONDS if self._fenced else 0)
        while True:
            found = relayed_topic.last(self._kafka)
            if found is not None and found.relay != self.relay:
                raise RelayFault(f"another relay writes to the topics {self._kafka.topics}.*: this one stops")
            if time.monotonic() >= deadline:
                return
            time.sleep(LOOK_SECONDS)

    def _unavailable(self, error: Exception) -> BusUnavailable:
        self._fenced = self._fenced or ProducerFencedError.__name__ in f"{error!r}{error.__cause__!r}"
        return BusUnavailable(str(error) or type(error).__name__)


def records(
    prefix: str, events: Sequence[Outgoing], packets: Sequence[Packet], reached: Reached
) -> Iterator[OutgoingRecord]:
    """Give the records of a stretch as the producer takes them."""
    topic, origin = f"{prefix}.{EVENTS}", ("ce_log", reached.log.encode())
    partitions = next(each.partitions for each in topics(prefix) if each.name == topic)
    for each in events:
        subject = each.subject
        key = None if subject is None else subject.encode()
        yield (
            topic,
            each.header.data,
            key,
            headers(each, origin, key),
            partition_of(subject or "", partitions),
        )
    for packet in packets:
        yield by_kind(packet.kind, prefix), packet.record, None, [], packet.partition
    yield relayed_topic.topic(prefix), msgspec.json.encode(reached), reached.log.encode(), [], 0


def headers(event: Outgoing, origin: Header, subject: bytes | None) -> list[Header]:
    """Return the CloudEvents attributes of an event in Kafka's binary mode; `origin` has the log's id."""
    header = event.header
    made = [
        *_SAME,
        _type(header.type),
        _source(header.source),
        origin,
        ("ce_id", header.id.encode()),
        ("ce_time", _text(header.occurred_at)),
        ("ce_recordedtime", _recorded(header.recorded_at)),
        ("ce_position", b"%d" % event.position),
        *((f"ce_{name}", value.encode()) for name, value in header.extensions),
    ]
    if subject is not None:
        made.append(("ce_subject", subject))
    return made


@lru_cache(maxsize=1024)
def _type(name: str) -> Header:
    return "ce_type", name.encode()


@lru_cache(maxsize=1024)
def _source(name: str) -> Header:
    return "ce_source", name.encode()


def _text(micros: int) -> bytes:
    """Write an instant as RFC 3339. Hours are cached: formatting all of it would cost several times as much."""
    hours, rest = divmod(micros, HOUR)
    minute, rest = divmod(rest, 60_000_000)
    return b"%b%02d:%02d.%06dZ" % (_hour(hours), minute, *divmod(rest, 1_000_000))


@lru_cache(maxsize=4096)
def _hour(hours: int) -> bytes:
    return instant(hours * HOUR).strftime("%Y-%m-%dT%H:").encode()


_recorded = lru_cache(maxsize=16)(_text)
