"""A new id for a log that was restored: it may give positions that were used before to other events."""

from __future__ import annotations

import psycopg
from msgspec import Struct
from psycopg import errors

from adapters.locks import AdvisoryLock


class LogIdKept(Exception):
    """The log cannot get a new id; the sentence says why."""


class Renewed(Struct, frozen=True):
    """A log has a new id: what comes after `position` belongs to the new one."""

    old: str
    new: str
    position: int


def renew(url: str) -> Renewed:
    """Give the log in this database a new id. Raises LogIdKept if anybody has the log open, or if there is none."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        found = connection.execute(
            "SELECT pg_try_advisory_xact_lock(%s)", (AdvisoryLock.LOG_OPEN,)
        ).fetchone()
        if found != (True,):
            raise LogIdKept(
                "the log is open: first stop `pujiang serve` and everything else that works on it"
            )
        try:
            (row,) = connection.execute("SELECT id::text, gen_random_uuid()::text, position FROM log.head")
        except errors.UndefinedTable as error:
            raise LogIdKept("there is no log in this database") from error
        renewed = Renewed(*row)
        connection.execute("UPDATE log.head SET id = %s", (renewed.new,))
    return renewed
