"""The log's id, and a new one for a log that was restored: it may give old positions to other events."""

from __future__ import annotations

import psycopg
from msgspec import Struct
from psycopg import errors

from adapters.locks import AdvisoryLock


class LogIdKept(Exception):
    """The log keeps its id, and why, in a sentence."""


class Renewed(Struct, frozen=True):
    """A log has a new id: whatever comes after `position` is of the new one."""

    old: str
    new: str
    position: int


def renew(url: str) -> Renewed:
    """Give the log in this database a new id. Raises LogIdKept while anybody has it open, or there is none."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        found = connection.execute(
            "SELECT pg_try_advisory_xact_lock(%s)", (AdvisoryLock.LOG_OPEN,)
        ).fetchone()
        if found != (True,):
            raise LogIdKept("the log is open: stop `pujiang serve`, and whatever else works on it, first")
        try:
            (row,) = connection.execute("SELECT id::text, gen_random_uuid()::text, position FROM log.head")
        except errors.UndefinedTable as error:
            raise LogIdKept("there is no log in this database") from error
        renewed = Renewed(*row)
        connection.execute("UPDATE log.head SET id = %s", (renewed.new,))
    return renewed
