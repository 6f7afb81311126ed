"""The secrets in SQLite."""

from __future__ import annotations

from collections.abc import Callable

from adapters.keys.sqlite.database import SqliteDatabase
from adapters.keys.sqlite.kek import kek_in_use


class SqliteSecrets:
    """Implements WrappedSecrets."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def get_or_make(self, name: str, make: Callable[[str], bytes]) -> bytes:
        """Return the secret of this name; if there is none, it is made."""
        with self._database.transaction() as connection:
            found = connection.execute("SELECT wrapped FROM secrets WHERE name = ?", (name,)).fetchone()
            if found is None:
                found = (make(kek_in_use(connection)),)
                connection.execute("INSERT INTO secrets VALUES (?, ?)", (name, *found))
        return bytes(found[0])

    def all(self) -> list[tuple[str, bytes]]:
        """Return all names and secrets, by name."""
        with self._database.turn() as connection:
            return connection.execute("SELECT name, wrapped FROM secrets ORDER BY name").fetchall()

    def rewrap(self, name: str, wrapped: bytes) -> None:
        """Replace the wrapping of a secret."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE secrets SET wrapped = ? WHERE name = ?", (wrapped, name))
