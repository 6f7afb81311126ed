"""What was last signed under each name, in SQLite."""

from __future__ import annotations

from adapters.keys.sqlite.database import SqliteDatabase


class SqliteNotes:
    """Implements Memory."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def signed(self, name: str) -> str | None:
        """Return what was last signed under this name."""
        with self._database.turn() as connection:
            found = connection.execute("SELECT note FROM signed WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def sign(self, name: str, before: str | None, after: str) -> bool:
        """Replace what was last signed if it is still `before`; return whether it was."""
        with self._database.transaction() as connection:
            if self.signed(name) != before:
                return False
            connection.execute("INSERT OR REPLACE INTO signed VALUES (?, ?)", (name, after))
        return True
