"""The tables of the name index, beside the read models."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from adapters.postgres.connections import Connection, connect
from adapters.postgres.read.schema import create
from streams.finding.name_index import FoundBy, Standing

_BEGIN = """
INSERT INTO read.names_standing (version, position, destructions, changes) VALUES (%s, 0, 0, 1)
ON CONFLICT (one) DO UPDATE SET version = excluded.version, position = 0, destructions = 0,
    changes = names_standing.changes + 1
"""
_ADD = """
INSERT INTO read.names (hash, sealed, key) SELECT * FROM unnest(%s::bytea[], %s::bytea[], %s::bigint[])
ON CONFLICT DO NOTHING
"""
_MOVE = """
UPDATE read.names_standing SET position = greatest(position, %s), changes = changes + %s
"""
_FORGET = "UPDATE read.names_standing SET destructions = %s, changes = changes + %s"


class PostgresNames:
    """The port `Names`, on a connection of its own. One thread uses it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open.close()

    def standing(self) -> Standing | None:
        """Return how far the index is."""
        query = "SELECT version, position, destructions FROM read.names_standing"
        found = self._connection.execute(query).fetchone()
        return None if found is None else Standing(*found)

    def begin(self, version: str) -> None:
        """Empty the index and begin at the first position."""
        with self._connection.transaction():
            self._connection.execute("TRUNCATE read.names")
            self._connection.execute(_BEGIN, (version,))

    def add(self, found: Sequence[FoundBy], position: int) -> None:
        """Add values up to a position."""
        with self._connection.transaction():
            added = 0
            if found:
                # In one order: then two processes that add the same values do not deadlock.
                rows = sorted((each.hash, each.sealed, each.key) for each in found)
                added = self._connection.execute(
                    _ADD, [list(each) for each in zip(*rows, strict=True)]
                ).rowcount
            self._connection.execute(_MOVE, (position, added))

    def forget(self, keys: Collection[int], destructions: int) -> None:
        """Delete all values of these keys."""
        with self._connection.transaction():
            gone = self._connection.execute("DELETE FROM read.names WHERE key = ANY(%s)", (list(keys),))
            self._connection.execute(_FORGET, (destructions, gone.rowcount))

    @property
    def _connection(self) -> Connection:
        if self._open is None or self._open.closed:
            self._open = connect(self._url)
            create(self._open)
        return self._open
