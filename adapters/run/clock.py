"""The one time by which anything may be destroyed: it stands still while the clock of this machine is doubted."""

from __future__ import annotations

from threading import Lock

import structlog

from adapters.clock import MINUTE, ClockSight, now
from adapters.postgres.log import clock
from events.clock import instant

log = structlog.get_logger()


class TrustedClock:
    """Looks at the clock once a minute, while somebody asks. Any thread may use it.

    Raises ClockFault if the clock cannot be right, and LogUnavailable.
    """

    def __init__(self, url: str, *, vouched: bool = False) -> None:
        self._url, self._lock = url, Lock()
        self._sight = self._look(vouched=vouched)

    @property
    def sight(self) -> ClockSight:
        """What was seen last."""
        return self._sight

    def now(self) -> int:
        """Return the time by which may be destroyed, in microseconds since 1970 UTC."""
        with self._lock:
            at = now()
            if abs(at - self._sight.seen_at) >= MINUTE:
                self._sight = self._look(self._sight)
            return at if self._sight.doubted_since is None else self._sight.trusted_at

    def _look(self, before: ClockSight | None = None, *, vouched: bool = False) -> ClockSight:
        sight = clock.see(self._url, now(), vouched=vouched)
        was = None if before is None else before.doubted_since
        if sight.doubted_since is not None and was is None:
            log.warning("clock-doubted", clock=instant(sight.seen_at), last_used=instant(sight.trusted_at))
        elif sight.doubted_since is None and was is not None:
            log.info("clock-trusted", clock=instant(sight.seen_at))
        return sight
