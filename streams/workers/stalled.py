"""A watchdog over partitions: one that stands still while the log goes on tells of a consumer that has stalled."""

from __future__ import annotations

from collections.abc import Mapping

from streams.workers.partitions import Place

STALLED_SECONDS = 30.0


class Watchdog:
    """Remembers when each partition was last seen to move, or to have nothing to move for."""

    def __init__(self, seconds: float = STALLED_SECONDS) -> None:
        self._seconds = seconds
        self._seen: dict[Place, tuple[int, float]] = {}

    def stalled(self, reached: Mapping[Place, int], head: int, now: float) -> Place | None:
        """Return a partition that has stood behind the log's head for too long, None where there is none."""
        seen = self._seen
        self._seen = {
            place: seen[place] if place in seen and seen[place][0] == position < head else (position, now)
            for place, position in reached.items()
        }
        late = (place for place, (_, since) in self._seen.items() if now - since >= self._seconds)
        return next(late, None)
