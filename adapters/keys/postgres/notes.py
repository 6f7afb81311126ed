"""The text that was last signed under each name, in PostgreSQL."""

from __future__ import annotations

from typing import LiteralString

from adapters.keys.postgres.database import PostgresDatabase


class PostgresNotes:
    """Implements SignedNotes."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def last(self, name: str) -> str | None:
        """Return the text that was last signed under this name, None if there is none."""
        with self._database.connection() as connection:
            found = connection.execute("SELECT note FROM keys.signed WHERE name = %s", (name,)).fetchone()
        return None if found is None else str(found[0])

    def replace(self, name: str, before: str | None, after: str) -> bool:
        """Replace the last text if it is still `before`; return whether it was."""
        if before is None:
            query: LiteralString = "INSERT INTO keys.signed VALUES (%s, %s) ON CONFLICT DO NOTHING"
            values: tuple[str, ...] = (name, after)
        else:
            query = "UPDATE keys.signed SET note = %s WHERE (name, note) = (%s, %s)"
            values = (after, name, before)
        with self._database.connection() as connection:
            return connection.execute(query, values).rowcount == 1
