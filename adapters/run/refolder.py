"""The refolder, in a process beside the server: it folds rows again whose histories are too long for the projector."""

from __future__ import annotations

import threading
from functools import partial

from adapters.locks import AdvisoryLock
from adapters.postgres.connections import OUTAGES
from adapters.postgres.read.turn import turn
from adapters.process.loop import Loop
from adapters.run.parts import open_parts
from projections.catalogue import READ_MODELS
from streams.project.refolder import Refolder

AGAIN_SECONDS = 1.0
POLL_SECONDS = 0.2
"""Between two looks for marks: what it adds to the seconds that a long history takes."""


def refolder(url: str) -> Loop:
    """Return the loop that folds marked rows of a database again. It waits while another process does."""
    return Loop("refolder", partial(_refold, url), AGAIN_SECONDS, OUTAGES)


def _refold(url: str, stop: threading.Event) -> None:
    with turn(url, AdvisoryLock.REFOLD, stop), open_parts(url) as parts:
        refolding = Refolder(parts, READ_MODELS)
        while not stop.is_set():
            if not refolding.step():
                stop.wait(POLL_SECONDS)
