"""The text that was last signed under each name, in SQLite."""

from __future__ import annotations

from adapters.keys.sqlite.database import SqliteDatabase


class SqliteNotes:
    """Implements SignedNotes."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def last(self, name: str) -> str | None:
        """Return the text that was last signed under this name, None if there is none."""
        with self._database.turn() as connection:
            found = connection.execute("SELECT note FROM signed WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def replace(self, name: str, before: str | None, after: str) -> bool:
        """Replace the last text if it is still `before`; return whether it was."""
        with self._database.transaction() as connection:
            if self.last(name) != before:
                return False
            connection.execute("INSERT OR REPLACE INTO signed VALUES (?, ?)", (name, after))
        return True
