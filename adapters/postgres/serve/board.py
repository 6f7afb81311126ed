"""A board on which changes are announced to all who wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Board:
    """Announces changes. Whoever takes `next` before looking misses none that comes in the meantime."""

    def __init__(self) -> None:
        self.next = asyncio.Event()
        self.watchers = 0

    def announce(self) -> None:
        """Wake all who wait."""
        self.next.set()
        self.next = asyncio.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count one more watcher while the block runs: without any, nobody has to look for changes."""
        self.watchers += 1
        try:
            yield
        finally:
            self.watchers -= 1


async def happened(change: asyncio.Event, seconds: float) -> None:
    """Wait for a change for at most this long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(change.wait(), seconds)
