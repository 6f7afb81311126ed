"""From the topic of refused messages to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from kafka import TopicPartition

from adapters.kafka.clients import KafkaFault, answering, consumer
from adapters.kafka.refused.topic import read
from adapters.kafka.settings import Kafka
from adapters.postgres.refused import RefusedTable
from events.clock import instant
from streams.bus.topics import REFUSED, topics

POLL_MS = 500
"""How long a poll waits for records; that is also how soon the feed can stop."""


class RefusedFeed:
    """Writes what the topic has into the rows, and forgets those that are older than `kept` by the clock."""

    def __init__(
        self, topic: str, reader: Any, table: RefusedTable, *, kept: timedelta, clock: Callable[[], int]
    ) -> None:
        self._topic, self._reader, self._table = topic, reader, table
        self._kept, self._clock = kept, clock
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
        records = [(each.offset, read(each)) for each in found]
        self._table.take(self._topic, records, instant(self._clock()) - self._kept)

    def _end(self) -> int:
        return int(self._reader.end_offsets([self._place])[self._place])


@contextmanager
def feed(kafka: Kafka, table: RefusedTable, clock: Callable[[], int]) -> Iterator[RefusedFeed]:
    """Open a feed, with a clock by which rows may be forgotten. Raises KafkaFault and SettingsFault."""
    name = f"{kafka.topics}.{REFUSED}"
    kept = next(each.retention_ms for each in topics(kafka.topics) if each.name == name)
    with answering(kafka):
        reader = consumer(kafka)
        try:
            yield RefusedFeed(name, reader, table, kept=timedelta(milliseconds=kept), clock=clock)
        finally:
            reader.close()
