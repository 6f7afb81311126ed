"""Looking at what the broker has: once, or every few seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from adapters.kafka.clients import KafkaFault, answering, consumer
from adapters.kafka.settings import Kafka

T = TypeVar("T")

EVERY_SECONDS = 5.0
"""How often the broker is looked at: figures for monitoring are collected more rarely."""


def once(kafka: Kafka, look: Callable[[Any], T]) -> T:
    """Look with a consumer of its own. Raises KafkaFault and SettingsFault, and what `look` raises."""
    with answering(kafka):
        reader = consumer(kafka)
        try:
            return look(reader)
        finally:
            reader.close()


def figures(
    kafka: Kafka, look: Callable[[Any], T], summarize: Callable[[T], Mapping[str, int]]
) -> Mapping[str, int | str]:
    """Look once and return figures, or the `fault` that prevents it; nothing if there is no bus."""
    if not kafka.servers:
        return {}
    try:
        return summarize(once(kafka, look))
    except KafkaFault as fault:
        return {"fault": str(fault)}


def watch(kafka: Kafka, look: Callable[[Any], T], report: Callable[[T], None], stop: threading.Event) -> None:
    """Look every few seconds, with one consumer, and report what is found, until the event is set; raises as `once`."""

    def looking(reader: Any) -> None:
        while not stop.is_set():
            report(look(reader))
            stop.wait(EVERY_SECONDS)

    once(kafka, looking)
