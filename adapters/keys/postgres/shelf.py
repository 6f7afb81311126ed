"""All concerns over one pool of connections to PostgreSQL."""

from __future__ import annotations

from adapters.keys.postgres.bookmarks import PostgresBookmarks
from adapters.keys.postgres.database import PostgresDatabase
from adapters.keys.postgres.kek import PostgresKek
from adapters.keys.postgres.keys import PostgresKeys
from adapters.keys.postgres.notes import PostgresNotes
from adapters.keys.postgres.secrets import PostgresSecrets
from adapters.keys.shelf import Shelf


def postgres_shelf(url: str) -> Shelf:
    """Open the shelf in a database; its tables are made if they are missing. Raises KeyStoreUnavailable."""
    database = PostgresDatabase(url)
    return Shelf(
        keys=PostgresKeys(database),
        secrets=PostgresSecrets(database),
        kek=PostgresKek(database),
        notes=PostgresNotes(database),
        bookmarks=PostgresBookmarks(database),
        close=database.close,
    )
