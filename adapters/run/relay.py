"""The relay, in a process of its own: it waits while the bus or the database is away, and continues from what was committed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import structlog

from adapters.contracts.codec import AvroCodec
from adapters.kafka.clients import admin
from adapters.kafka.relay.producer import KafkaBus
from adapters.kafka.settings import Kafka
from adapters.kafka.topics import require
from adapters.run.parts import open_log
from streams.bus.topics import kinds, topics
from streams.ports import LogUnavailable
from streams.relay.relay import BusUnavailable, Relay

log = structlog.get_logger()

AGAIN_SECONDS = 1.0
DRAIN_SECONDS = 20.0
"""How long the relay may take to finish its stretch after it has to stop."""


def relay(kafka: Kafka, url: str, stop: threading.Event, tend: Callable[[], None]) -> None:
    """Relay the log of a database until the event is set; during an outage `tend` is called, to restart the database.

    Raises RelayFault if it must not continue, KafkaFault if there is no bus or a topic is missing.
    """
    with admin(kafka) as client:
        require(client, topics(kafka.topics))
    codec, bus = AvroCodec(), KafkaBus(kafka)
    try:
        while not stop.is_set():
            try:
                _relay(url, codec, bus, stop)
            except (BusUnavailable, LogUnavailable) as error:
                log.warning("relay-waits", reason=str(error))
                stop.wait(AGAIN_SECONDS)
                tend()
    finally:
        bus.close()


def end_soon() -> None:
    """End this process if it cannot finish in time; what it has in hand was not committed, and is repeated."""
    timer = threading.Timer(DRAIN_SECONDS, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    log.error("relay-not-drained", after_seconds=DRAIN_SECONDS)
    os._exit(1)


def _relay(url: str, codec: AvroCodec, bus: KafkaBus, stop: threading.Event) -> None:
    with open_log(url) as entries, Relay(entries, codec, bus, kinds()) as relaying:
        relaying.take_over()
        log.info("relay-started", log=entries.id, position=relaying.position)
        relaying.run(stop)
        log.info("relay-stopped", position=relaying.position)
