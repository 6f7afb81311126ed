"""The shadow check, in a process beside the server: it takes no more than a given share of a core."""

from __future__ import annotations

import os
import sys
import threading
import time
from functools import partial

from adapters.clock import now
from adapters.postgres.connections import OUTAGES
from adapters.process.loop import Loop
from adapters.run.parts import open_parts
from projections.catalogue import READ_MODELS
from streams.recheck.shadow import Shadow

START_SECONDS = 5.0
"""How long it waits before it starts and after a fault: a server that is starting needs the time."""
LEAST_SECONDS = 0.5
"""The shortest rest between two steps, however little a step took."""
NICENESS = 10


def shadow(url: str, share: float) -> Loop:
    """Return the loop that checks the rows of a database at this share of a core."""
    return Loop("shadow", partial(_check, url, share), 0, OUTAGES)


def _check(url: str, share: float, stop: threading.Event) -> None:
    if sys.platform != "win32":
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    stop.wait(START_SECONDS)
    with open_parts(url) as parts:
        check(Shadow(parts, READ_MODELS, now), stop, share)


def check(walking: Shadow, stop: threading.Event, share: float) -> None:
    """Take one step after another, and rest after each, so that all together take no more than `share` of the time.

    Time that a step waits for the database counts as work, so that the share bounds what both take of a core.
    """
    while not stop.is_set():
        began = time.monotonic()
        walking.step()
        stop.wait(max(LEAST_SECONDS, (time.monotonic() - began) * (1 / share - 1)))
