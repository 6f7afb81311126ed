"""Up to where the erasures of each log have taken effect, in SQLite."""

from __future__ import annotations

from adapters.keys.sqlite.database import SqliteDatabase


class SqliteBookmarks:
    """Implements LogBookmarks."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def position(self, log_id: str) -> int:
        """Return the position of a log's bookmark."""
        query = "SELECT position FROM followed WHERE log = ?"
        with self._database.turn() as connection:
            found = connection.execute(query, (log_id,)).fetchone()
        return 0 if found is None else int(found[0])

    def move(self, log_id: str, position: int) -> None:
        """Move a log's bookmark."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO followed VALUES (?, ?)", (log_id, position))

    def begin(self, log_id: str) -> None:
        """Give a log a bookmark at its beginning, unless it has one."""
        with self._database.turn() as connection:
            connection.execute("INSERT OR IGNORE INTO followed VALUES (?, 0)", (log_id,))

    def any(self) -> bool:
        """Return whether any log has one."""
        with self._database.turn() as connection:
            return connection.execute("SELECT 1 FROM followed LIMIT 1").fetchone() is not None
