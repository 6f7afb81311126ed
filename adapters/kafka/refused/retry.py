"""Publishing refused messages to the inbox again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.kafka.clients import answering, producer
from adapters.kafka.refused.topic import SECONDS, retried
from adapters.kafka.settings import Kafka
from adapters.wire.cloudevent import OpenBatch
from adapters.wire.refused import Original, RefusedRow, originals
from streams.bus.topics import INBOX, REFUSED

RETRIED = "pujiang-retried"
"""A header of a message that is published again: the coordinates under which it was refused."""

_TOGETHER = 500
"""How many messages are opened and sent before their acknowledgements are awaited."""


def publish_again(kafka: Kafka, open_batch: OpenBatch, rows: Sequence[RefusedRow]) -> int:
    """Publish to the inbox again what was refused, and tell so; return how many could be: those that were kept."""
    count = 0
    with answering(kafka):
        out = producer(kafka)
        try:
            for start in range(0, len(rows), _TOGETHER):
                some = rows[start : start + _TOGETHER]
                found = zip(some, originals(open_batch, some), strict=True)
                kept = [(row, each) for row, each in found if each is not None and each.value is not None]
                _all(out.send(**_again(kafka, row, each)) for row, each in kept)
                at = datetime.now(UTC).isoformat()
                _all(out.send(**_told(kafka, row, at)) for row, _ in kept)
                count += len(kept)
        finally:
            out.close()
    return count


def _again(kafka: Kafka, row: RefusedRow, original: Original) -> dict[str, Any]:
    # kafka-python cannot send a header without a value; the inbox treats an empty one alike.
    headers = [(name, value or b"") for name, value in original.headers if name != RETRIED]
    return {
        "topic": f"{kafka.topics}.{INBOX}",
        "partition": row.partition,
        "key": original.key,
        "value": original.value,
        "headers": [*headers, (RETRIED, row.coordinates.encode())],
    }


def _told(kafka: Kafka, row: RefusedRow, at: str) -> dict[str, Any]:
    return {
        "topic": f"{kafka.topics}.{REFUSED}",
        "key": row.coordinates.encode(),
        "headers": retried(row, at),
    }


def _all(sent: Iterator[Any]) -> None:
    """Send all, then wait until each is acknowledged."""
    for each in list(sent):
        each.get(SECONDS)
