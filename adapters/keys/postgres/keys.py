"""The data keys in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, LiteralString

from adapters.keys.postgres.database import PostgresDatabase, only_value
from adapters.keys.postgres.kek import kek_in_use
from adapters.keys.shelf import Rewrapped, StoredKey
from events.erasing import Pair

_SELECT = "SELECT id, person, retention, wrapped FROM keys.data_keys WHERE "
_STALE = "UPDATE keys.destroyed SET times = times + 1"


class PostgresKeys:
    """Implements WrappedKeys."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def by_pair(self, pairs: Sequence[Pair]) -> list[StoredKey]:
        """Return the rows of these pairs."""
        where = "(person, retention) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
        return self._rows(where, [person for person, _ in pairs], [retention for _, retention in pairs])

    def by_id(self, ids: Sequence[int]) -> list[StoredKey]:
        """Return the rows with these ids."""
        return self._rows("id = ANY(%s)", list(ids))

    def _rows(self, where: LiteralString, *wanted: Any) -> list[StoredKey]:
        with self._database.connection() as connection:
            return [StoredKey(*row) for row in connection.execute(_SELECT + where, wanted)]

    def add(self, ids: Mapping[Pair, int], wrap: Callable[[Pair, str], bytes]) -> None:
        """Add keys in one transaction."""
        with self._database.transaction() as connection:
            kek = kek_in_use(connection)
            # In one order: then two that add the same keys do not deadlock.
            rows = [(ids[pair], *pair, wrap(pair, kek)) for pair in sorted(ids)]
            connection.execute(
                "INSERT INTO keys.data_keys (id, person, retention, wrapped) "
                "SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bytea[]) "
                "ON CONFLICT (person, retention) DO NOTHING",
                [list(column) for column in zip(*rows, strict=True)],
            )

    def destroy(self, ids: Mapping[Pair, int]) -> int:
        """Overwrite keys, leave their rows as tombstones and purge."""
        had = sum(row.wrapped is not None for row in self.by_pair(list(ids)))
        rows = [(ids[pair], *pair) for pair in sorted(ids)]
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO keys.data_keys (id, person, retention, destroyed_at) "
                "SELECT *, now() FROM unnest(%s::bigint[], %s::text[], %s::text[]) "
                "ON CONFLICT (person, retention) DO UPDATE SET wrapped = NULL, "
                "destroyed_at = coalesce(data_keys.destroyed_at, excluded.destroyed_at)",
                columns,
            )
            connection.execute(_STALE)
        self._database.vacuum()
        return had

    def tombstones(self) -> list[int]:
        """Return the ids of all destroyed keys."""
        return [each.id for each in self._rows("wrapped IS NULL")]

    def destructions(self) -> int:
        """Return a number that rises whenever a process destroys or purges keys."""
        with self._database.connection() as connection:
            return int(only_value(connection.execute("SELECT times FROM keys.destroyed")))

    def page(self, after: int, limit: int) -> list[StoredKey]:
        """Return the next rows that hold a key."""
        return self._rows("id > %s AND wrapped IS NOT NULL ORDER BY id LIMIT %s", after, limit)

    def rewrap(self, keys: Sequence[Rewrapped]) -> None:
        """Replace wrappings in one transaction."""
        with self._database.connection() as connection:
            connection.execute(
                "UPDATE keys.data_keys SET wrapped = changed.after "
                "FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS changed (id, before, after) "
                "WHERE (data_keys.id, data_keys.wrapped) = (changed.id, changed.before)",
                ([each.id for each in keys], [each.before for each in keys], [each.after for each in keys]),
            )

    def purge(self) -> None:
        """Make cached keys stale, and vacuum."""
        with self._database.connection() as connection:
            connection.execute(_STALE)
        self._database.vacuum()
