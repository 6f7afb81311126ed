"""The eraser: destroys the keys of erased persons within a moment of the erasure being in the log."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from adapters.clock import ClockFault
from adapters.keys.fault import KeyStoreFault
from adapters.postgres.connections import OUTAGES
from adapters.process.loop import Loop, every
from adapters.run.site import Site
from streams.erasure.eraser import Eraser

EVERY_SECONDS = 0.2

log = structlog.get_logger()


def eraser(site: Site, report: Callable[[int], None]) -> Loop:
    """Return the loop that follows the log's erasures; `report` gets the position up to which they have taken effect."""
    following = Eraser(site.log, site.codec, site.store.keys, site.store.bookmarks, site.clock.now)

    def step() -> None:
        if count := following.step():
            log.info("keys-destroyed", persons=count)
        report(following.position)

    return Loop(
        "eraser", every(EVERY_SECONDS, step), EVERY_SECONDS, (*OUTAGES, KeyStoreFault, ClockFault), last=step
    )
