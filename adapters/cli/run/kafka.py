"""`pujiang kafka`: one broker on this machine, for development."""

from __future__ import annotations

from adapters.cli.settings import settings
from adapters.cli.terminal import console, errors, stop_signal
from adapters.kafka import broker
from adapters.kafka.clients import KafkaFault

LOOK_SECONDS = 0.5


def kafka() -> None:
    """Run a broker until Ctrl-C or SIGTERM."""
    found = settings()
    port = broker.local_port(found.kafka)
    errors.print("starting Kafka", style="dim")
    with broker.start(found.home, port=port) as running:
        stop = stop_signal()
        console.print(f"Kafka is listening on {running.address}")
        while not stop.wait(LOOK_SECONDS):
            if running.ended:
                raise KafkaFault(f"Kafka has ended by itself: see {found.home}/kafka/server.log")
