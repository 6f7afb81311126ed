"""A plain consumer of Kafka that drives the inbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Any

import structlog
from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.errors import KafkaError

from adapters.kafka.inbox.state import bounds
from adapters.kafka.records import Unreadable
from adapters.keys.fault import KeyStoreUnavailable
from streams.bus.message import Message
from streams.inbox.inbox import Inbox, RefusedUnavailable
from streams.ports import LogUnavailable, Overtaken

POLL_MS = 100
"""How long a poll waits for messages: messages that wait to be tried again are due every 200 ms."""
AGAIN_SECONDS = 1.0
"""How long after an outage the inbox tries again."""

_OUTAGES = (KafkaError, KeyStoreUnavailable, LogUnavailable, Overtaken, RefusedUnavailable)

log = structlog.get_logger()


def message(record: Any) -> Message:
    """Return a record of kafka-python as a message."""
    unreadable = isinstance(record.value, Unreadable)
    return Message(
        record.topic,
        record.partition,
        record.offset,
        record.key,
        None if unreadable else record.value,
        tuple(record.headers),
        record.timestamp,
        record.value.sentence if unreadable else "",
    )


class InboxConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Polls messages for the inbox, and assigns and revokes its partitions.

    The listener only notes assignments, because it runs on the consumer's own loop.
    """

    def __init__(self, reader: Any, inbox: Inbox, topic: str) -> None:
        self._reader, self._inbox = reader, inbox
        self._noting = threading.Lock()
        self._new: set[TopicPartition] = set()
        self._held: set[TopicPartition] = set()
        reader.subscribe([topic], listener=self)
        # kafka-python 3.0.12 assigns no partitions that it does not know yet. If it learns of them while it joins, it may
        # hold them without ever fetching. So it asks for them before the first poll.
        reader.partitions_for_topic(topic)

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Note nothing: the inbox is fenced, and partitions that it no longer has are revoked after the poll."""

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Note the partitions to begin with."""
        with self._noting:
            self._new.update(assigned)

    def run(self, stop: threading.Event, tend: Callable[[], None]) -> None:
        """Poll until the event is set. After an outage, call `tend` and begin again from the marks."""
        while not stop.is_set():
            try:
                self._step()
                if not self._held:
                    stop.wait(POLL_MS / 1000)  # without partitions a poll may return at once
            except _OUTAGES as error:
                log.warning("inbox-interrupted", reason=f"{type(error).__name__}: {error}")
                self.on_partitions_assigned(self._held)
                stop.wait(AGAIN_SECONDS)
                tend()

    def _step(self) -> None:
        found = self._reader.poll(timeout_ms=POLL_MS)
        assigned = self._reader.assignment()
        self._inbox.revoke(each.partition for each in self._held - assigned)
        self._held &= assigned
        with self._noting:
            beginning, self._new = self._new & assigned, set()
        # What was polled of new partitions is dropped: they are read from their marks.
        ready = [
            record
            for place, records in found.items()
            if place in self._held - beginning
            for record in records
        ]
        if beginning:
            self._begin(beginning)
        self._inbox.take([message(each) for each in ready])

    def _begin(self, places: Collection[TopicPartition]) -> None:
        try:
            starts = self._inbox.assign(bounds(self._reader, places))
        except BaseException:
            self.on_partitions_assigned(places)
            raise
        for place in places:
            self._reader.seek(place, starts[place.partition])
        self._held.update(places)
