"""The SQLite file of a key store: what is deleted or overwritten does not stay anywhere in it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.keys.fault import KeyStoreFault, KeyStoreUnavailable

BUSY_SECONDS = 30.0
"""Seconds that a statement waits for a transaction of another process. The longest, a batch of a rotation, is far
shorter: whoever waits in vain has met a process that hangs."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS data_keys (
    id INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    retention TEXT NOT NULL,
    wrapped BLOB,
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER)),
    destroyed_at INTEGER,
    UNIQUE (person, retention)
);
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, wrapped BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS signed (name TEXT PRIMARY KEY, note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS destroyed (times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS followed (log TEXT PRIMARY KEY, position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS kek (fingerprint TEXT NOT NULL);
INSERT INTO destroyed SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM destroyed);
"""


class SqliteDatabase:
    """One connection to a file of mode 0600. Threads take turns; processes wait for each other."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                self._connection.execute(f"PRAGMA {pragma}")
            with self.transaction():
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement)
        except (sqlite3.DatabaseError, KeyStoreUnavailable) as error:
            self._connection.close()
            raise KeyStoreFault(f"{path} cannot be used as a key store: {error}") from error

    @contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread; each statement is a transaction of its own."""
        with self._lock:
            try:
                yield self._connection
            except sqlite3.OperationalError as error:
                raise KeyStoreUnavailable(f"key store unavailable: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread, for one transaction that other processes wait for."""
        with self.turn() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def truncate_journal(self) -> None:
        """Empty the write-ahead log, which still holds former versions of pages."""
        with self.turn() as connection:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise KeyStoreUnavailable(
                "key store unavailable: its journal is in use and still holds former keys"
            )

    def close(self) -> None:
        """Close the connection once no thread uses it."""
        with self._lock:
            self._connection.close()
