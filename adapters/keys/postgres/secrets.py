"""The secrets in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

from adapters.keys.postgres.database import PostgresDatabase, only_value
from adapters.keys.postgres.kek import kek_in_use


class PostgresSecrets:
    """Implements WrappedSecrets."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def get_or_make(self, name: str, make: Callable[[str], bytes]) -> bytes:
        """Return the secret of this name; if there is none, it is made."""
        with self._database.transaction() as connection:
            made = make(kek_in_use(connection))
            connection.execute(
                "INSERT INTO keys.secrets VALUES (%s, %s) ON CONFLICT DO NOTHING", (name, made)
            )
            query = "SELECT wrapped FROM keys.secrets WHERE name = %s"
            return bytes(only_value(connection.execute(query, (name,))))

    def all(self) -> list[tuple[str, bytes]]:
        """Return all names and secrets, by name."""
        with self._database.connection() as connection:
            return connection.execute("SELECT name, wrapped FROM keys.secrets ORDER BY name").fetchall()

    def rewrap(self, name: str, wrapped: bytes) -> None:
        """Replace the wrapping of a secret."""
        with self._database.connection() as connection:
            connection.execute("UPDATE keys.secrets SET wrapped = %s WHERE name = %s", (wrapped, name))
