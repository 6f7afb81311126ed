"""`pujiang topics`: the topics as they are declared, against those of the broker."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from adapters.cli.settings import settings
from adapters.cli.terminal import console
from adapters.kafka.clients import admin
from adapters.kafka.topics import TopicStep, agreed, carry_out, compare
from streams.bus.topics import DAY_MS, FOR_EVER, topics


def plan() -> None:
    """Print what `apply` would do."""
    kafka = settings().kafka
    with admin(kafka) as client:
        steps = compare(client, topics(kafka.topics))
    _show(steps)
    agreed(steps)


def apply(*, replication: int | None) -> None:
    """Create topics."""
    kafka = settings().kafka
    with admin(kafka) as client:
        steps = compare(client, topics(kafka.topics))
        _show(steps)
        carry_out(client, agreed(steps), replication)


def _show(steps: Sequence[TopicStep]) -> None:
    table = Table("topic", "partitions", "kept", "step")
    for step in steps:
        wanted = step.topic
        table.add_row(wanted.name, str(wanted.partitions), _kept(wanted.retention_ms), step.description)
    console.print(table)


def _kept(retention_ms: int) -> str:
    return "forever" if retention_ms == FOR_EVER else f"{retention_ms // DAY_MS} days"
