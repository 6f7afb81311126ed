"""How far the relay is: what it has relayed of the log, and how much it has not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from msgspec import structs

from adapters.kafka.relay.reached import last_read, topic
from adapters.kafka.settings import Kafka
from adapters.kafka.watching import figures
from streams.bus.state import RelayState
from streams.ports import Log


def relay_state(entries: Log, kafka: Kafka, reader: Any) -> RelayState:
    """Ask the log, and the broker with a consumer; what was relayed of another log counts for nothing."""
    there = reader.partitions_for_topic(topic(kafka.topics))  # without which offsets would be waited for
    found = last_read(reader, kafka.topics) if there else None
    position = found.position if found is not None and found.log == entries.id else 0
    return RelayState(position=position, lag=max(entries.head() - position, 0))


def relay_figures(entries: Log, kafka: Kafka) -> Mapping[str, int | str]:
    """Return the state's fields, or the `fault` why it cannot be had; nothing where there is no bus."""
    return figures(kafka, partial(relay_state, entries, kafka), structs.asdict)
