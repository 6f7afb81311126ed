"""The schema `keys` of a database: one of its own, or the log's if its backups need not forget erased persons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from adapters.keys.fault import KeyStoreFault, KeyStoreUnavailable

CONNECTIONS = 2
"""Connections per process: one for the data keys, which one thread at a time looks up, and one for all the rest."""

WAIT_SECONDS = 10.0
"""Seconds that a thread waits for a connection before it reports the key store unavailable; within them, a server that
was restarted is usually back."""

_LOCK = 0x70756A6B657973  # "pujkeys"
_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS keys;
CREATE TABLE IF NOT EXISTS keys.data_keys (
    id bigint PRIMARY KEY,
    person text NOT NULL,
    retention text NOT NULL,
    wrapped bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    UNIQUE (person, retention)
);
CREATE TABLE IF NOT EXISTS keys.secrets (name text PRIMARY KEY, wrapped bytea NOT NULL);
CREATE TABLE IF NOT EXISTS keys.signed (name text PRIMARY KEY, note text NOT NULL);
CREATE TABLE IF NOT EXISTS keys.destroyed (times bigint NOT NULL);
CREATE TABLE IF NOT EXISTS keys.followed (log text PRIMARY KEY, position bigint NOT NULL);
CREATE TABLE IF NOT EXISTS keys.kek (fingerprint text NOT NULL);
INSERT INTO keys.destroyed SELECT 0 WHERE NOT EXISTS (SELECT FROM keys.destroyed);
"""


class PostgresDatabase:
    """A small pool of connections. Any thread may use it."""

    def __init__(self, url: str) -> None:
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=WAIT_SECONDS,
            kwargs={"autocommit": True, "options": "-c synchronous_commit=on"},
            open=True,
        )
        try:
            with self.alone() as connection:
                connection.execute(_SCHEMA)
        except BaseException:
            self._pool.close()
            raise

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """Give a connection; each statement is a transaction of its own."""
        try:
            with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise KeyStoreUnavailable(f"key store unavailable: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[Any]]:
        """Give a connection for one transaction."""
        with self.connection() as connection, connection.transaction():
            yield connection

    @contextmanager
    def alone(self) -> Iterator[psycopg.Connection[Any]]:
        """Give a connection for one transaction, one process after another: for what is made only once."""
        with self.transaction() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            yield connection

    def vacuum(self) -> None:
        """Remove former versions of rows. Their bytes may stay on disk, readable until the next rotation."""
        with self.connection() as connection:
            connection.execute("VACUUM keys.data_keys, keys.secrets")

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def only_value(cursor: psycopg.Cursor[Any]) -> Any:
    """Return the first column of the first row. Raises KeyStoreFault if there is no row."""
    row = cursor.fetchone()
    if row is None:
        raise KeyStoreFault("a table of the key store has lost its only row: restore the key store")
    return row[0]
