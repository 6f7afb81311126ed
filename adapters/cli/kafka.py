"""`pujiang kafka`: one broker on this machine, for development."""

from __future__ import annotations

import signal
import threading

from adapters.cli.app import console, errors, settings
from adapters.environment import SettingsFault
from adapters.kafka import broker
from adapters.kafka.clients import KafkaFault
from adapters.kafka.settings import Kafka

PORT = 9092
LOOK_SECONDS = 0.5


def kafka() -> None:
    """Fetch Apache Kafka, start one broker in the data home, and stop it at Ctrl-C or SIGTERM."""
    found = settings()
    port = _port(found.kafka)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    errors.print("Kafka is being started", style="dim")
    with broker.start(found.home, port=port) as running:
        console.print(f"Kafka answers at {running.address}", highlight=False)
        while not stop.wait(LOOK_SECONDS):
            if running.ended:
                raise KafkaFault(f"Kafka has ended by itself: {found.home}/kafka/server.log says why")


def _port(kafka: Kafka) -> int:
    """The port in PUJIANG_KAFKA, which must be this machine's."""
    if not kafka.servers:
        return PORT
    host, _, port = kafka.servers[0].rpartition(":")
    if len(kafka.servers) > 1 or host not in (broker.HOST, "localhost"):
        raise SettingsFault(
            f"PUJIANG_KAFKA is {','.join(kafka.servers)}: a broker is started on this machine only, {broker.HOST}"
        )
    return int(port)
