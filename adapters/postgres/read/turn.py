"""One at a time: whoever takes a turn keeps out all others until its connection ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag

import psycopg

from adapters.locks import AdvisoryLock

POLL_SECONDS = 1.0
"""How often one that waits looks whether its turn has come."""


@contextmanager
def turn(url: str, lock: AdvisoryLock, stop: Flag) -> Iterator[None]:
    """Wait until nobody else has the lock, and hold it; ends waiting without it if `stop` is set."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        while not stop.is_set():
            found = connection.execute("SELECT pg_try_advisory_lock(%s)", (lock,)).fetchone()
            if found == (True,):
                break
            stop.wait(POLL_SECONDS)
        yield
