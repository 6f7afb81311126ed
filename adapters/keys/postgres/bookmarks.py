"""Up to where the erasures of each log have taken effect, in PostgreSQL."""

from __future__ import annotations

from adapters.keys.postgres.database import PostgresDatabase


class PostgresBookmarks:
    """Implements LogBookmarks."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def position(self, log_id: str) -> int:
        """Return the position of a log's bookmark."""
        query = "SELECT position FROM keys.followed WHERE log = %s"
        with self._database.connection() as connection:
            found = connection.execute(query, (log_id,)).fetchone()
        return 0 if found is None else int(found[0])

    def move(self, log_id: str, position: int) -> None:
        """Move a log's bookmark."""
        with self._database.connection() as connection:
            connection.execute(
                "INSERT INTO keys.followed VALUES (%s, %s) "
                "ON CONFLICT (log) DO UPDATE SET position = excluded.position",
                (log_id, position),
            )

    def begin(self, log_id: str) -> None:
        """Give a log a bookmark at its beginning, unless it has one."""
        with self._database.connection() as connection:
            connection.execute("INSERT INTO keys.followed VALUES (%s, 0) ON CONFLICT DO NOTHING", (log_id,))

    def any(self) -> bool:
        """Return whether any log has one."""
        with self._database.connection() as connection:
            return connection.execute("SELECT FROM keys.followed LIMIT 1").fetchone() is not None
