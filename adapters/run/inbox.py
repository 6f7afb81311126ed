"""The inbox as a process of its own: a plain consumer of Kafka drives it. Faust has no part in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from kafka.errors import KafkaError

from adapters.clock import now
from adapters.kafka.clients import admin, answering, consumer, producer
from adapters.kafka.inbox.consumer import InboxConsumer
from adapters.kafka.inbox.decoder import CloudEventDecoder
from adapters.kafka.refused.topic import RefusedTopic
from adapters.kafka.topics import require
from adapters.run.site import Site
from streams.bus.topics import INBOX, REFUSED, topics
from streams.inbox.inbox import BATCH, Inbox

LINGER_MS = 5
"""How long refused messages of a batch are collected before they are sent together; the inbox flushes earlier."""
BLOCK_MS = 10_000
CLOSE_SECONDS = 1.0


@contextmanager
def open_inbox(site: Site) -> Iterator[Inbox]:
    """Give an inbox that is ready to be assigned partitions. Raises KafkaFault and SettingsFault."""
    kafka = site.settings.kafka
    with ExitStack() as stack:
        with answering(kafka):
            out = producer(kafka, linger_ms=LINGER_MS, max_block_ms=BLOCK_MS, metrics_enabled=False)
        stack.callback(_close, out)
        yield Inbox(
            f"{kafka.topics}.{INBOX}",
            log=site.log,
            publisher=site.publisher(),
            decoder=CloudEventDecoder(site.door(), site.codec),
            refused=RefusedTopic(out, f"{kafka.topics}.{REFUSED}", site.sealer),
            clock=now,
            patience=site.settings.inbox_patience * 1_000_000,
        )


def run_inbox(site: Site, stop: threading.Event, tend: Callable[[], None] = lambda: None) -> None:
    """Take the inbox in, as one of a group of consumers, until `stop` is set. Raises what is more than an outage.

    During an outage `tend` is called, to restart what this process stands on.
    """
    kafka = site.settings.kafka
    with admin(kafka) as client:
        names = {f"{kafka.topics}.{each}" for each in (INBOX, REFUSED)}
        require(client, [each for each in topics(kafka.topics) if each.name in names])
    with open_inbox(site) as inbox:
        with answering(kafka):
            reader = consumer(kafka, group_id=f"{kafka.topics}.{INBOX}", max_poll_records=BATCH)
        try:
            InboxConsumer(reader, inbox, f"{kafka.topics}.{INBOX}").run(stop, tend)
        finally:
            reader.close(timeout_ms=CLOSE_SECONDS * 1000)


def _close(out: Any) -> None:
    """Close a producer. What it has not written yet was acknowledged to nobody, and is written again."""
    try:
        out.close(timeout=CLOSE_SECONDS)
    except KafkaError:
        out._sender.force_close()  # noqa: SLF001 - as in the relay: the public way has just failed
