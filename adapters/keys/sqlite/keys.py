"""The data keys in SQLite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from adapters.keys.shelf import Rewrapped, StoredKey
from adapters.keys.sqlite.database import SqliteDatabase
from adapters.keys.sqlite.kek import kek_in_use
from events.erasing import Pair

_PAIRS_PER_STATEMENT = 400
"""Pairs looked up by one statement: 800 parameters, of the 999 that SQLite before 3.32 allows."""

_SELECT = "SELECT id, person, retention, wrapped FROM"
_STALE = "UPDATE destroyed SET times = times + 1"


class SqliteKeys:
    """Implements WrappedKeys."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def by_pair(self, pairs: Sequence[Pair]) -> list[StoredKey]:
        """Return the rows of these pairs."""
        # In this order, each pair is looked up in the index; an IN would scan all keys.
        return self._rows(
            pairs, "(VALUES {}) CROSS JOIN data_keys ON (person, retention) = (column1, column2)"
        )

    def by_id(self, ids: Sequence[int]) -> list[StoredKey]:
        """Return the rows with these ids."""
        return self._rows([(each,) for each in ids], "(VALUES {}) CROSS JOIN data_keys ON id = column1")

    def _rows(self, wanted: Sequence[tuple[Any, ...]], joined: str) -> list[StoredKey]:
        found: list[StoredKey] = []
        rest = iter(wanted)
        with self._database.turn() as connection:
            while part := list(islice(rest, _PAIRS_PER_STATEMENT)):
                marks = ", ".join([f"({', '.join('?' * len(part[0]))})"] * len(part))
                query = f"{_SELECT} {joined.format(marks)}"
                found.extend(
                    StoredKey(*row)
                    for row in connection.execute(query, [value for each in part for value in each])
                )
        return found

    def add(self, ids: Mapping[Pair, int], wrap: Callable[[Pair, str], bytes]) -> None:
        """Add keys in one transaction."""
        with self._database.transaction() as connection:
            kek = kek_in_use(connection)
            connection.executemany(
                "INSERT INTO data_keys (id, person, retention, wrapped) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (person, retention) DO NOTHING",
                [(number, *pair, wrap(pair, kek)) for pair, number in ids.items()],
            )

    def destroy(self, ids: Mapping[Pair, int]) -> int:
        """Overwrite keys, leave their rows as tombstones and purge."""
        had = sum(row.wrapped is not None for row in self.by_pair(list(ids)))
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO data_keys (id, person, retention, destroyed_at) "
                "VALUES (?, ?, ?, CAST(strftime('%s', 'now') AS INTEGER)) "
                "ON CONFLICT (person, retention) DO UPDATE SET wrapped = NULL, "
                "destroyed_at = coalesce(destroyed_at, excluded.destroyed_at)",
                [(number, *pair) for pair, number in ids.items()],
            )
            connection.execute(_STALE)
        self._database.truncate_journal()
        return had

    def tombstones(self) -> list[int]:
        """Return the ids of all destroyed keys."""
        with self._database.turn() as connection:
            rows = connection.execute("SELECT id FROM data_keys WHERE wrapped IS NULL").fetchall()
        return [number for (number,) in rows]

    def destructions(self) -> int:
        """Return a number that rises whenever a process destroys or purges keys."""
        with self._database.turn() as connection:
            return int(connection.execute("SELECT times FROM destroyed").fetchone()[0])

    def page(self, after: int, limit: int) -> list[StoredKey]:
        """Return the next rows that hold a key."""
        query = f"{_SELECT} data_keys WHERE id > ? AND wrapped IS NOT NULL ORDER BY id LIMIT ?"
        with self._database.turn() as connection:
            return [StoredKey(*row) for row in connection.execute(query, (after, limit))]

    def rewrap(self, keys: Sequence[Rewrapped]) -> None:
        """Replace wrappings in one transaction."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE data_keys SET wrapped = ? WHERE (id, wrapped) = (?, ?)",
                [(each.after, each.id, each.before) for each in keys],
            )

    def purge(self) -> None:
        """Make cached keys stale, and empty the journal."""
        with self._database.transaction() as connection:
            connection.execute(_STALE)
        self._database.truncate_journal()
