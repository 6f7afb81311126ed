"""How far the inbox is: the outcomes of its messages, and how many are still to be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from kafka import TopicPartition
from msgspec import structs

from adapters.kafka.settings import Kafka
from adapters.kafka.watch import figures
from streams.bus.state import PartitionState
from streams.bus.topics import INBOX
from streams.ports import Log, Mark

_SUMMED = ("recorded", "repeated", "refused", "waiting")


def bounds(reader: Any, places: Collection[TopicPartition]) -> dict[int, tuple[int, int]]:
    """Return, for each partition, the first offset that is still there, and the one after the last."""
    first, end = reader.beginning_offsets(list(places)), reader.end_offsets(list(places))
    return {each.partition: (first[each], end[each]) for each in places}


def inbox_state(entries: Log, kafka: Kafka, reader: Any) -> Sequence[PartitionState]:
    """Return the state of each partition, from the log's marks and the broker's offsets."""
    topic = f"{kafka.topics}.{INBOX}"
    count = len(reader.partitions_for_topic(topic) or ())
    marks = entries.marks([f"{topic}/{each}" for each in range(count)])
    found = bounds(reader, [TopicPartition(topic, each) for each in range(count)])
    return [_partition(each, marks.get(f"{topic}/{each}"), *found[each]) for each in range(count)]


def _partition(partition: int, mark: Mark | None, first: int, end: int) -> PartitionState:
    known = Mark("", first) if mark is None else mark
    return PartitionState(
        partition=partition,
        position=known.position,
        lag=max(end - max(known.position, first), 0),
        waiting=len(known.waiting),
        recorded=known.recorded,
        repeated=known.repeated,
        refused=known.refused,
    )


def inbox_figures(entries: Log, kafka: Kafka) -> Mapping[str, int | str]:
    """Return sums over all partitions, or the `fault` that prevents it; nothing if there is no bus.

    `taken` counts messages that were read, `lag` those that were not.
    """
    return figures(kafka, partial(inbox_state, entries, kafka), _summed)


def _summed(states: Sequence[PartitionState]) -> Mapping[str, int]:
    counts = [structs.asdict(each) for each in states]
    sums = {name: sum(each[name] for each in counts) for name in _SUMMED}
    return {"taken": sum(sums.values()), **sums, "lag": sum(each["lag"] for each in counts)}
