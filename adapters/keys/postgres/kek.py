"""Which key-encryption key is in use, in PostgreSQL."""

from __future__ import annotations

from typing import Any

import psycopg

from adapters.keys.postgres.database import PostgresDatabase, only_value


class PostgresKek:
    """Implements KekInUse."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def fingerprint(self) -> str | None:
        """Return its fingerprint."""
        with self._database.connection() as connection:
            found = connection.execute("SELECT fingerprint FROM keys.kek").fetchone()
        return None if found is None else str(found[0])

    def begin_with(self, fingerprint: str) -> None:
        """Use this one, unless one is in use already."""
        query = "INSERT INTO keys.kek SELECT %s WHERE NOT EXISTS (SELECT FROM keys.kek)"
        with self._database.alone() as connection:
            connection.execute(query, (fingerprint,))

    def replace(self, before: str, after: str) -> bool:
        """Use `after` instead of `before`."""
        query = "UPDATE keys.kek SET fingerprint = %s WHERE fingerprint = %s"
        with self._database.connection() as connection:
            connection.execute(query, (after, before))
            return kek_in_use(connection) == after


def kek_in_use(connection: psycopg.Connection[Any]) -> str:
    """Return the fingerprint; in a transaction, it stays the same until the end."""
    return str(only_value(connection.execute("SELECT fingerprint FROM keys.kek FOR SHARE")))
