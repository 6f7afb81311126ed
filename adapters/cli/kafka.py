"""`pujiang kafka`: one broker on this machine, for development."""

from __future__ import annotations

from adapters.cli.app import console, errors, settings, told_to_stop
from adapters.kafka import broker
from adapters.kafka.clients import KafkaFault

LOOK_SECONDS = 0.5


def kafka() -> None:
    """Fetch Apache Kafka, start one broker in the data home, and stop it at Ctrl-C or SIGTERM."""
    found = settings()
    port = broker.local_port(found.kafka)
    stop = told_to_stop()
    errors.print("Kafka is being started", style="dim")
    with broker.start(found.home, port=port) as running:
        console.print(f"Kafka answers at {running.address}", highlight=False)
        while not stop.wait(LOOK_SECONDS):
            if running.ended:
                raise KafkaFault(f"Kafka has ended by itself: {found.home}/kafka/server.log says why")
