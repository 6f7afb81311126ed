"""When the read models reached each position."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Sequence

import psycopg

LOOK_SECONDS = 0.02


class Board:
    """Notes when the projector announces that it has committed up to a position."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._told: list[tuple[int, float]] = []
        self._last = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        self._connection.execute("LISTEN pujiang_read")
        while True:
            for told in self._connection.notifies(timeout=0.2):
                self._told.append((int(told.payload), time.perf_counter()))
            if self._last and self._told and self._told[-1][0] >= self._last:
                return

    def seen(self, last: int) -> list[int]:
        """Wait until the last position is visible; return the announced positions, in order."""
        self._last = last
        self._thread.join(60)
        assert not self._thread.is_alive(), "the read models have not come so far"
        self._connection.close()
        return [position for position, _ in self._told]

    def at(self, position: int, seen: Sequence[int]) -> float:
        """Return when a position became visible."""
        return self._told[bisect_left(seen, position)][1]


class SlowestBoard(Board):
    """Polls the position of the slowest partition fifty times a second: each partition announces only its own."""

    def _watch(self) -> None:
        while not self._last or not self._told or self._told[-1][0] < self._last:
            found = self._connection.execute("SELECT min(position) FROM read.bookmarks").fetchone()
            if found and (not self._told or found[0] > self._told[-1][0]):
                self._told.append((found[0], time.perf_counter()))
            time.sleep(LOOK_SECONDS)
