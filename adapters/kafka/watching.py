"""Looking at what the broker has: once, or now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import structlog

from adapters.kafka.clients import KafkaFault, answering, consumer
from adapters.kafka.settings import Kafka
from streams.ports import LogUnavailable

T = TypeVar("T")

EVERY_SECONDS = 5.0

log = structlog.get_logger()


def once(kafka: Kafka, look: Callable[[Any], T]) -> T:
    """Look with a consumer. Raises KafkaFault and SettingsFault, and what `look` raises."""
    with answering(kafka):
        reader = consumer(kafka)
        try:
            return look(reader)
        finally:
            reader.close()


def figures(
    kafka: Kafka, look: Callable[[Any], T], told: Callable[[T], Mapping[str, int]]
) -> Mapping[str, int | str]:
    """Look once, and return the figures of it, or the `fault` why they cannot be had; nothing where there is no bus."""
    if not kafka.servers:
        return {}
    try:
        return told(once(kafka, look))
    except KafkaFault as fault:
        return {"fault": str(fault)}


def watch(
    kafka: Kafka, what: str, look: Callable[[Any], T], tell: Callable[[T], None], stop: threading.Event
) -> None:
    """Look now and then, and tell what is found, until told to stop; what is away now is asked again."""

    def looking(reader: Any) -> None:
        while not stop.is_set():
            tell(look(reader))
            stop.wait(EVERY_SECONDS)

    while not stop.is_set():
        try:
            once(kafka, looking)
        except (KafkaFault, LogUnavailable) as error:
            log.warning("not-watched", what=what, reason=str(error))
            stop.wait(EVERY_SECONDS)
