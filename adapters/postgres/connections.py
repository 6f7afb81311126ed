"""Connections to the log's database: opened when needed, kept while they work, with short transactions."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any, LiteralString, TypeAlias, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import args_row
from psycopg.sql import SQL, Composed

from adapters.locks import AdvisoryLock
from streams.ports import LogUnavailable

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
T = TypeVar("T")

_SHORT = """
SET transaction_timeout = '5s';
SET idle_in_transaction_session_timeout = '5s';
"""
# The log's queries walk along indexes. Without statistics (a new or a restored log) the planner sometimes reads a whole
# table instead, and it may keep such a plan for a prepared statement.
_INDEXED = """
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET jit = off;
"""
_AWAY = (
    psycopg.OperationalError,
    errors.IdleInTransactionSessionTimeout,
    errors.ReadOnlySqlTransaction,
    errors.TransactionTimeout,
)
OUTAGES: tuple[type[Exception], ...] = (LogUnavailable, *_AWAY)
"""What is raised while the database is away, full or too slow. The log raises only the first."""
DatabaseError: TypeAlias = psycopg.Error
"""Any error that the database or its driver reports."""


def connect(url: str) -> Connection:
    """Open a connection in autocommit mode; transactions last 5 s at most. While it is open the log keeps its id."""
    connection = psycopg.connect(url, autocommit=True, connect_timeout=5)
    connection.execute(f"{_SHORT}{_INDEXED}SELECT pg_advisory_lock_shared({AdvisoryLock.LOG_OPEN:d})")
    return connection


def is_address(url: str) -> bool:
    """Return whether this is an address of a PostgreSQL database in one of libpq's forms. Nothing is connected to."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return False
    return True


def alive(connection: Connection) -> bool:
    """Return whether an idle connection can be used, without a round trip: a server only speaks first to say good-bye."""
    if not connection.closed:
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        if waiting.poll(0):
            connection.close()
    return not connection.closed


@contextmanager
def unavailable() -> Iterator[None]:
    """Raise LogUnavailable if the server is away, full or too slow."""
    try:
        yield
    except _AWAY as error:
        raise LogUnavailable(f"the log's database is unavailable: {error}") from error


class ReadPool:
    """A few connections for reading, which any number of threads share."""

    def __init__(self, url: str, most: int) -> None:
        self._url = url
        self._idle: list[Connection] = []
        self._permits = BoundedSemaphore(most)

    def fetch(
        self, make: Callable[..., T], query: LiteralString | SQL | Composed, **parameters: Any
    ) -> list[T]:
        """Run one prepared query; return what `make` makes of each row. Raises LogUnavailable."""
        with self._permits, unavailable():
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._run(connect(self._url), make, query, parameters)
            try:
                return self._run(connection, make, query, parameters)
            except psycopg.OperationalError:
                # The server may have been restarted: then no idle connection is alive.
                self.close()
                return self._run(connect(self._url), make, query, parameters)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _run(
        self,
        connection: Connection,
        make: Callable[..., T],
        query: LiteralString | SQL | Composed,
        parameters: dict[str, Any],
    ) -> list[T]:
        try:
            with connection.cursor(row_factory=args_row(make), binary=True) as cursor:
                rows = cursor.execute(query, parameters, prepare=True).fetchall()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return rows
