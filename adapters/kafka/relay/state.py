"""How far the relay is in the log."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec import structs

from adapters.kafka.relay.relayed_topic import last_read, topic
from adapters.kafka.settings import Kafka
from adapters.kafka.watch import figures
from streams.bus.state import RelayState
from streams.ports import Log


def relay_state(entries: Log, kafka: Kafka, reader: Any) -> RelayState:
    """Return the relay's state, from the log and the broker; what was relayed of another log does not count."""
    there = reader.partitions_for_topic(topic(kafka.topics))  # without the topic, offsets would be waited for
    found = last_read(reader, kafka.topics) if there else None
    position = found.position if found is not None and found.log == entries.id else 0
    return RelayState(position=position, lag=max(entries.head() - position, 0))


def relay_figures(entries: Log, kafka: Kafka) -> Mapping[str, int | str]:
    """Return the state's fields, or the `fault` that prevents it; nothing if there is no bus."""
    return figures(kafka, partial(relay_state, entries, kafka), structs.asdict)
