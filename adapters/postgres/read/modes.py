"""Who folds: embedded projectors or workers, any number of one kind while there are none of the other.

The bookmarks keep the two apart (`read.models.partitions`); these locks make a newcomer wait for its turn instead of
failing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from typing import Literal, TypeAlias

import psycopg
import structlog

from adapters.locks import AdvisoryLock

Mode: TypeAlias = Literal["embedded", "scaled"]

POLL_SECONDS = 0.1
"""How often a newcomer looks whether its turn has come."""

_LOCKS = {"embedded": AdvisoryLock.FOLD_EMBEDDED, "scaled": AdvisoryLock.FOLD_SCALED}

log = structlog.get_logger()


@contextmanager
def entered(url: str, mode: Mode, stop: Flag) -> Iterator[bool]:
    """Wait until nobody folds in the other mode, and keep it out meanwhile. Gives False if `stop` is set before that."""
    other = "scaled" if mode == "embedded" else "embedded"
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        warned = False
        while not (inside := _enter(connection, _LOCKS[mode], _LOCKS[other])) and not stop.is_set():
            if not warned:
                log.warning(
                    "waiting",
                    mode=mode,
                    reason=f"read models are folded in {other} mode: stop what folds them",
                )
                warned = True
            stop.wait(POLL_SECONDS)
        yield inside


def _enter(connection: psycopg.Connection[tuple[object, ...]], mine: int, other: int) -> bool:
    """Take a share of one lock unless somebody has a share of the other; the lock ends with the connection."""
    with connection.transaction():
        # One at a time: otherwise two from both sides could each find the other's lock.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (AdvisoryLock.FOLD_ENTRY,))
        if connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (other,)).fetchone() != (True,):
            return False
        connection.execute("SELECT pg_advisory_lock_shared(%s)", (mine,))
    return True
