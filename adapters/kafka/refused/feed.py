"""From the topic of refused messages to rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from kafka import TopicPartition

from adapters.kafka.clients import KafkaFault, answering, consumer
from adapters.kafka.refused.topic import read
from adapters.kafka.settings import Kafka
from adapters.postgres.refused import RefusedTable
from streams.bus.topics import REFUSED, topics

POLL_MS = 500
"""How long a poll waits for records; that is also how soon the feed can stop."""


class RefusedFeed:
    """Writes what the topic has into the rows."""

    def __init__(self, topic: str, reader: Any, table: RefusedTable, kept: timedelta) -> None:
        self._topic, self._reader, self._table, self._kept = topic, reader, table, kept
        self._place = TopicPartition(topic, 0)
        reader.assign([self._place])
        first, upto = reader.beginning_offsets([self._place])[self._place], table.upto(topic)
        if upto > self._end():
            raise KafkaFault(
                f"{topic} was read up to {upto}, but it ends at {self._end()}: it was deleted and created again; "
                "set another prefix, PUJIANG_TOPICS"
            )
        reader.seek(self._place, max(first, upto))

    def catch_up(self) -> None:
        """Read up to the present end of the topic."""
        end = self._end()
        while self._reader.position(self._place) < end:
            self.step()

    def step(self) -> None:
        """Wait a moment for records, and write them."""
        found = self._reader.poll(timeout_ms=POLL_MS).get(self._place, [])
        self._table.take(self._topic, [(each.offset, read(each)) for each in found], self._kept)

    def _end(self) -> int:
        return int(self._reader.end_offsets([self._place])[self._place])


@contextmanager
def feed(kafka: Kafka, table: RefusedTable) -> Iterator[RefusedFeed]:
    """Open a feed. Raises KafkaFault and SettingsFault."""
    name = f"{kafka.topics}.{REFUSED}"
    kept = next(each.retention_ms for each in topics(kafka.topics) if each.name == name)
    with answering(kafka):
        reader = consumer(kafka)
        try:
            yield RefusedFeed(name, reader, table, timedelta(milliseconds=kept))
        finally:
            reader.close()
