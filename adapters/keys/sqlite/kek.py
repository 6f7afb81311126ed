"""Which key-encryption key is in use, in SQLite."""

from __future__ import annotations

import sqlite3

from adapters.keys.sqlite.database import SqliteDatabase


class SqliteKek:
    """Implements KekInUse."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def fingerprint(self) -> str | None:
        """Return its fingerprint."""
        with self._database.turn() as connection:
            found = connection.execute("SELECT fingerprint FROM kek").fetchone()
        return None if found is None else str(found[0])

    def begin_with(self, fingerprint: str) -> None:
        """Use this one, unless one is in use already."""
        query = "INSERT INTO kek SELECT ? WHERE NOT EXISTS (SELECT 1 FROM kek)"
        with self._database.turn() as connection:
            connection.execute(query, (fingerprint,))

    def replace(self, before: str, after: str) -> bool:
        """Use `after` instead of `before`."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE kek SET fingerprint = ? WHERE fingerprint = ?", (after, before))
            return kek_in_use(connection) == after


def kek_in_use(connection: sqlite3.Connection) -> str:
    """Return the fingerprint; in a transaction, it stays the same until the end."""
    return str(connection.execute("SELECT fingerprint FROM kek").fetchone()[0])
