"""Which figures cannot be taken on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.kafka import jars

OF_THE_BUS = frozenset({"poison", "relay", "worker", "workers", "visible-bus"})
"""What needs Apache Kafka: one broker, which is started for the run."""


def possible(named: Sequence[str]) -> Sequence[str]:
    """Return the figures that can be taken here; say in one line which are left out, and what Kafka lacks."""
    lacking = jars.lacking()
    out = [each for each in named if lacking and each in OF_THE_BUS]
    if out:
        print(f"left out: {', '.join(out)}. {lacking}")
    return [each for each in named if each not in out]
