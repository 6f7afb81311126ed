"""The clock of this machine, and how far it is believed. Time is read nowhere else."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from msgspec import Struct

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
BEHIND = 5 * MINUTE
"""How far the clock may be behind the last event: two servers of a log may differ by as much."""
AHEAD = 400 * DAY
"""How far it may be ahead of what was last seen of it: a school year's standstill and a month."""
DOUBTFUL = 2 * DAY
"""From how far ahead it is doubted: nothing is destroyed by time until it has been seen for a day."""
STRIDE = HOUR
"""How much of that day two sights can add at most: a clock that jumps again has not been seen meanwhile."""


class ClockFault(Exception):
    """The clock of this machine cannot be right; the sentence says by what."""


def now() -> int:
    """Return the time in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class ClockSight(Struct, frozen=True):
    """What is kept of a log's clock: when it was last seen, and until when it was believed.

    All in microseconds since 1970 UTC; `waited` are those that have been seen to pass since the clock is doubted.
    """

    seen_at: int
    trusted_at: int
    doubted_since: int | None = None
    waited: int = 0

    @property
    def remaining(self) -> int:
        """For how many more microseconds the clock is to be seen before it is believed."""
        return 0 if self.doubted_since is None else DAY - self.waited

    @property
    def sentence(self) -> str:
        """What is to be said of the clock."""
        if self.doubted_since is None:
            return "believed"
        return (
            f"at {_shown(self.doubted_since)} it was over two days ahead of the log's last use: nothing is destroyed by time "
            f"until it has been seen for {self.remaining / HOUR:.1f} more hours; if it is wrong, set it"
        )


def look(last: ClockSight | None, recorded_at: int, at: int, *, vouched: bool = False) -> ClockSight:
    """Return what is seen at a time, after what was seen last, and after the last event was recorded.

    Raises ClockFault if the clock is more than 5 minutes behind that event or, unless somebody has vouched for it, more
    than 400 days ahead of both. It is doubted all the same: people err too.
    """
    known = max(recorded_at, last.seen_at if last else 0)
    if at < recorded_at - BEHIND:
        raise ClockFault(
            f"this machine's clock says {_shown(at)}, but the log's last event was recorded at {_shown(recorded_at)}: "
            "set the clock"
        )
    if known and at > known + AHEAD and not vouched:
        raise ClockFault(
            f"this machine's clock says {_shown(at)}, over 400 days after {_shown(known)}, when the log was last used: "
            "set the clock or, if it is right, start once with `pujiang serve --trust-clock`"
        )
    if last is not None and last.doubted_since is not None:
        waited = last.waited + min(max(at - last.seen_at, 0), STRIDE)
        if waited < DAY and at > last.trusted_at + DOUBTFUL:
            return ClockSight(at, last.trusted_at, last.doubted_since, waited)
    elif known and at > known + DOUBTFUL:
        return ClockSight(at, known if last is None else last.trusted_at, at)
    return ClockSight(at, at)


def _shown(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 1_000_000, UTC):%Y-%m-%d %H:%M}Z"
