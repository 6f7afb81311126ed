"""All concerns over one SQLite file."""

from __future__ import annotations

from pathlib import Path

from adapters.keys.shelf import Shelf
from adapters.keys.sqlite.bookmarks import SqliteBookmarks
from adapters.keys.sqlite.database import SqliteDatabase
from adapters.keys.sqlite.kek import SqliteKek
from adapters.keys.sqlite.keys import SqliteKeys
from adapters.keys.sqlite.notes import SqliteNotes
from adapters.keys.sqlite.secrets import SqliteSecrets


def sqlite_shelf(path: Path) -> Shelf:
    """Open the shelf in a file, which is made if it is missing. Raises KeyStoreFault."""
    database = SqliteDatabase(path)
    return Shelf(
        keys=SqliteKeys(database),
        secrets=SqliteSecrets(database),
        kek=SqliteKek(database),
        notes=SqliteNotes(database),
        bookmarks=SqliteBookmarks(database),
        close=database.close,
    )
