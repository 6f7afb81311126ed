"""Statements and COPY data in as few round trips as the protocol allows.

PostgreSQL runs a string of several statements in one round trip. At a COPY FROM STDIN it waits for the data and then
continues with the rest. `Cursor.copy` takes a single statement only, so this module uses the layer below it: an append
is four round trips instead of seven.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import Error, errors, generators
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from adapters.postgres.connections import Connection


def run(connection: Connection, statements: bytes) -> Sequence[PGresult]:
    """Run statements to the end or to the first COPY; return the result of each."""
    connection.pgconn.send_query(statements)
    return results(connection)


def feed(connection: Connection, rows: bytes) -> None:
    """Send the waiting COPY its rows. The server starts on them at once; `results` waits for it."""
    connection.pgconn.put_copy_data(rows)
    connection.pgconn.put_copy_end()
    connection.pgconn.flush()


def results(connection: Connection) -> Sequence[PGresult]:
    """Wait for the results to the end or to the next COPY."""
    found: list[PGresult] = connection.wait(generators.execute(connection.pgconn))
    for result in found:
        if result.status == ExecStatus.FATAL_ERROR:
            raise errors.error_from_result(result, encoding=connection.info.encoding)
    return found


def abandon(connection: Connection) -> None:
    """Roll back whatever transaction was interrupted; close the connection if that fails."""
    try:
        if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
            connection.pgconn.put_copy_end(b"abandoned")
            connection.wait(generators.execute(connection.pgconn))
        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            run(connection, b"ROLLBACK")
    except Error:
        connection.close()
