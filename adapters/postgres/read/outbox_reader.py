"""What is still to be stated of the read models in the log, and the lock that lets one process state it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import psycopg

from adapters.locks import AdvisoryLock
from adapters.postgres.connections import Connection
from streams.coverage.statements import FoldedRange, OutboxNote

_NOTES = """
SELECT id::text, transaction::text::bigint, (extract(epoch FROM made_at) * 1000000)::bigint,
    kind, model, digest, tag, position, told
FROM read.outbox ORDER BY number
"""
# A model of several partitions has folded what all of them have.
_FOLDED = """
SELECT m.name, m.digest, CASE WHEN bool_and(b.applied_after IS NOT NULL) THEN max(b.applied_after) END,
    CASE WHEN bool_and(b.applied_upto IS NOT NULL) THEN min(b.applied_upto) END
FROM read.models AS m JOIN read.bookmarks AS b ON b.model = m.name GROUP BY m.name
"""


class PostgresOutbox:
    """The port `Outbox` over PostgreSQL, on a connection of its own, which the lock goes with."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: Connection | None = None
        self._locked = False

    def close(self) -> None:
        """Close the connection, and let others state."""
        if self._open is not None:
            self._open.close()

    def mine(self) -> bool:
        """Report whether this process has the lock, or could get it now."""
        connection = self._connection
        if not self._locked:
            (locked,) = connection.execute(
                "SELECT pg_try_advisory_lock(%s)", (AdvisoryLock.STATEMENTS,)
            ).fetchone() or (False,)
            self._locked = bool(locked)
        return self._locked

    def read(self) -> tuple[Sequence[OutboxNote], Mapping[str, FoldedRange]]:
        """Return the notes and what each read model has folded, as of one moment."""
        connection = self._connection
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            notes = [OutboxNote(*row) for row in connection.execute(_NOTES)]
            folded = {name: FoldedRange(*found) for name, *found in connection.execute(_FOLDED)}
        return notes, folded

    def settle(self, notes: Iterable[str]) -> None:
        """Delete notes that have been stated."""
        self._connection.execute("DELETE FROM read.outbox WHERE id = ANY(%s::uuid[])", (list(notes),))

    @property
    def _connection(self) -> Connection:
        if self._open is None or self._open.closed:
            self._open, self._locked = _connect(self._url), False
        return self._open


def _connect(url: str) -> Connection:
    connection = psycopg.connect(url, autocommit=True, connect_timeout=5)
    connection.execute("SET transaction_timeout = '5s'")
    return connection
