"""A watchdog over partitions: one that stands still while the log grows points to a stalled consumer."""

from __future__ import annotations

from collections.abc import Mapping

from streams.workers.partitions import Partition

STALLED_SECONDS = 30.0
"""How long a partition may stand behind the log: longer than a rebalance of the consumer group takes."""


class Watchdog:
    """Remembers when each partition last moved, or had nothing left to fold."""

    def __init__(self, seconds: float = STALLED_SECONDS) -> None:
        self._seconds = seconds
        self._seen: dict[Partition, tuple[int, float]] = {}

    def stalled(self, reached: Mapping[Partition, int], head: int, now: float) -> Partition | None:
        """Return a partition that has stood behind the log's head for too long, None if there is none."""
        seen = self._seen
        self._seen = {
            each: seen[each] if each in seen and seen[each][0] == position < head else (position, now)
            for each, position in reached.items()
        }
        late = (each for each, (_, since) in self._seen.items() if now - since >= self._seconds)
        return next(late, None)
