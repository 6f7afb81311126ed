"""The stride of a projector: how much it takes on in one transaction, which the database ends after five seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

SHORT_SECONDS, LONG_SECONDS = 0.5, 2.0
"""A transaction that takes less lengthens the next stride, one that takes more shortens it."""
SHORTEST = 1 << 14
"""The part of all bounds that the shortest stride is: one entry, and next to nothing folded again."""


class Stride(Struct):
    """Which part of its bounds a transaction may use: all of it, unless they take too long for this machine.

    It outlives the projector, so that one whose transaction was ended does not begin with the same again.
    """

    part: int = 1

    def of(self, bound: int) -> int:
        """Return a bound for the next transaction."""
        return max(1, bound // self.part)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take the time of a transaction, and choose the next stride by it."""
        began = time.monotonic()
        try:
            yield
        except Exception:
            self.part = min(SHORTEST, self.part * 4)
            raise
        took = time.monotonic() - began
        if took < SHORT_SECONDS:
            self.part = max(1, self.part // 2)
        elif took > LONG_SECONDS:
            self.part = min(SHORTEST, self.part * 2)
