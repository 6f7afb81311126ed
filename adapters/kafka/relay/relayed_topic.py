"""The topic `relayed`: its last committed record says how far the log has been relayed."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from kafka import TopicPartition

from adapters.kafka.clients import KafkaFault, answering, consumer
from adapters.kafka.records import Unreadable
from adapters.kafka.settings import Kafka
from streams.bus.topics import RELAYED
from streams.relay.relay import Reached

LOOK_BACK = 100
"""How many offsets before the end are read first: transaction markers and aborted records take some of them."""
READ_SECONDS = 30
"""How long reading to the end may take before it is a fault."""


def topic(prefix: str) -> str:
    """Return the topic's name."""
    return f"{prefix}.{RELAYED}"


def last(kafka: Kafka) -> Reached | None:
    """Return how far the log has been relayed, None if nothing was. Raises KafkaFault."""
    with answering(kafka):
        reader = consumer(kafka)
        try:
            return last_read(reader, kafka.topics)
        finally:
            reader.close()


def last_read(reader: Any, prefix: str) -> Reached | None:
    """Return the same, with a consumer that exists already."""
    partition = TopicPartition(topic(prefix), 0)
    reader.assign([partition])
    first = reader.beginning_offsets([partition])[partition]
    end = reader.end_offsets([partition])[partition]
    back = LOOK_BACK
    while True:
        start = max(first, end - back)
        found = _last_of(reader, partition, start, end)
        if found is not None or start == first:
            return None if found is None else msgspec.json.decode(found, type=Reached)
        back *= LOOK_BACK


def _last_of(reader: Any, partition: TopicPartition, start: int, end: int) -> bytes | None:
    found: bytes | None = None
    deadline = time.monotonic() + READ_SECONDS
    reader.seek(partition, start)
    while reader.position(partition) < end:
        if time.monotonic() > deadline:
            raise KafkaFault(f"the topic {partition.topic} cannot be read to its end")
        for record in reader.poll(1000).get(partition, ()):
            if isinstance(record.value, Unreadable):
                raise KafkaFault(
                    f"{partition.topic}/0/{record.offset} cannot be read: {record.value.sentence}"
                )
            found = record.value
    return found
