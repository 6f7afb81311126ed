"""The shadow check as a process of its own, at a bounded share of a core."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import psycopg
import structlog

from adapters.clock import now
from adapters.postgres.read_models import open_parts
from adapters.projecting import go_with_parent
from projections.catalogue import READ_MODELS
from streams.ports import LogUnavailable
from streams.shadow import Shadow

SHARE = 0.05
"""Of one core, this process and the database's work for it together."""
START_SECONDS = 5.0
LEAST_SECONDS = 0.5
RETRY_SECONDS = 5.0
NICENESS = 10

log = structlog.get_logger()


def shadow(url: str) -> None:
    """Check rows until told to stop by SIGTERM, or until the process that started this one is gone."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    go_with_parent()
    if sys.platform != "win32":
        os.nice(NICENESS)
    stop.wait(START_SECONDS)
    with open_parts(url) as parts:
        check(Shadow(parts, READ_MODELS, now), stop)


def check(walking: Shadow, stop: threading.Event, share: float = SHARE) -> None:
    """Take one step after another, and rest after each, so that all take no more than this share of the time.

    Time that a step waits for the database counts as its work. While the database is away it waits, and goes on
    at the same place.
    """
    while not stop.is_set():
        began = time.monotonic()
        try:
            walking.step()
        except (psycopg.OperationalError, LogUnavailable) as error:
            log.warning("shadow-check-waits", reason=type(error).__name__)
            stop.wait(RETRY_SECONDS)
            continue
        stop.wait(max(LEAST_SECONDS, (time.monotonic() - began) * (1 / share - 1)))
