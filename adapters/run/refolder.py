"""The refolder, in a process of its own: it folds rows again whose histories are too long for the projector's transactions."""

from __future__ import annotations

import threading
from functools import partial

import psycopg

from adapters.locks import AdvisoryLock
from adapters.postgres.connections import OUTAGES
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
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as alone, open_parts(url) as parts:
        while not stop.is_set() and not _mine(alone):
            stop.wait(AGAIN_SECONDS)
        refolder_ = Refolder(parts, READ_MODELS)
        while not stop.is_set():
            if not refolder_.step():
                stop.wait(POLL_SECONDS)


def _mine(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Take the lock, which ends with the connection, unless another process has it."""
    return connection.execute("SELECT pg_try_advisory_lock(%s)", (AdvisoryLock.REFOLD,)).fetchone() == (True,)
