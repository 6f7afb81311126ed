"""Checkpoints of the log, made every few seconds while it is served, and once more at the end."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from adapters.keys.fault import KeyStoreFault
from adapters.postgres.connections import OUTAGES
from adapters.process.loop import Loop, every
from adapters.run.site import Site
from streams.proof.checkpoints import Forked

log = structlog.get_logger()


def checkpoints(site: Site, report: Callable[[int], None]) -> Loop:
    """Return the loop that makes checkpoints; `report` gets the size of each. A fork is logged, and nothing is signed."""
    maker, seconds = site.checkpointer(), site.settings.checkpoint_seconds

    def step() -> None:
        try:
            size = maker.step()
        except Forked as error:
            log.error("log-forked", reason=str(error))  # noqa: TRY400 - its sentence says it all
        else:
            report(size)

    return Loop("checkpoints", every(seconds, step), seconds, (*OUTAGES, KeyStoreFault), last=step)
