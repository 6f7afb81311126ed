"""The shadow check as a process of its own, at a bounded share of a core."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import structlog

from adapters.clock import now
from adapters.postgres.read.store import open_parts
from adapters.process.supervisor import supervised
from adapters.run.site import Site
from projections.catalogue import READ_MODELS
from streams.ports import LogUnavailable
from streams.processes import go_with_parent
from streams.recheck.shadow import Shadow

START_SECONDS = 5.0
LEAST_SECONDS = 0.5
RETRY_SECONDS = 5.0
NICENESS = 10

log = structlog.get_logger()


@contextmanager
def shadowing(site: Site) -> Iterator[None]:
    """Keep the shadow check running, unless the settings give it nothing of a core."""
    percent = site.settings.shadow_percent
    if not percent:
        yield
        return
    with supervised("shadow", shadow, site.url, percent / 100):
        yield


def shadow(url: str, share: float) -> None:
    """Check rows until told to stop by SIGTERM, or until the process that started this one is gone."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    go_with_parent()
    if sys.platform != "win32":
        os.nice(NICENESS)
    stop.wait(START_SECONDS)
    while not stop.is_set():
        try:
            with open_parts(url) as parts:
                check(Shadow(parts, READ_MODELS, now), stop, share)
        except (psycopg.OperationalError, LogUnavailable) as error:
            log.warning("shadow-check-waits", reason=type(error).__name__)
            stop.wait(RETRY_SECONDS)


def check(walking: Shadow, stop: threading.Event, share: float) -> None:
    """Take one step after another, and rest after each, so that all take no more than this share of the time.

    Time that a step waits for the database counts as its work: so the share bounds what both take of a core.
    """
    while not stop.is_set():
        began = time.monotonic()
        walking.step()
        stop.wait(max(LEAST_SECONDS, (time.monotonic() - began) * (1 / share - 1)))
