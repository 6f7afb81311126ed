"""Building the tree of a log that was begun before there was one: once, in short transactions, resumable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, LiteralString

from adapters.postgres.connections import Connection, connect, unavailable
from adapters.postgres.log import queries, schema
from streams.tree.merkle import WIDTH, Tile, Tree, tree_of
from streams.tree.verifier import leaf_hash

STRETCH = 64 * WIDTH
"""So many entries are hashed in one transaction; whole tiles, so that the next stretch starts from tiles alone."""

_LOCK = "SELECT pg_advisory_xact_lock(%s)"
_BUILT = "SELECT coalesce(max(first + length(hashes) / 32), 0) FROM log.tiles WHERE level = 0"
_ENTRIES = "SELECT entry FROM log.entries WHERE position > %s AND position <= %s ORDER BY position"
_HEAD = "SELECT position, tree IS NULL FROM log.head"
_INSERT = "INSERT INTO log.tiles VALUES (%s, %s, %s)"


def built(url: str) -> bool:
    """Tell whether a log has its tree. Raises LogUnavailable."""
    with unavailable(), connect(url) as connection:
        schema.create(connection)
        return not _row(connection, _HEAD)[1]


def build(url: str, progress: Callable[[int, int], None]) -> None:
    """Build the tree up to the head, unless it is there; `progress` is told what is done, and of how much.

    Publishing may go on meanwhile; the last stretch is built under the lock of the head. Raises LogUnavailable.
    """
    with unavailable(), connect(url) as connection:
        schema.create(connection)
        while not _step(connection, progress):
            pass


def _step(connection: Connection, progress: Callable[[int, int], None]) -> bool:
    """Build one stretch; tell whether that was the last."""
    with connection.transaction():
        connection.execute(_LOCK, (schema.LOCK,))
        (head, missing), built = _row(connection, _HEAD), _row(connection, _BUILT)[0]
        if not missing:
            return True
        last: bool = head - built <= STRETCH
        if last:
            head, missing = _row(connection, _HEAD + " FOR UPDATE")
        tree = _grow(connection, _tree(connection, built), head if last else built + STRETCH)
        if last:
            connection.execute("UPDATE log.head SET tree = %s", (tree.stored,))
    progress(tree.size, head)
    return last


def _grow(connection: Connection, tree: Tree, upto: int) -> Tree:
    entries = connection.execute(_ENTRIES, (tree.size, upto), binary=True)
    grown, levels = tree.grown([leaf_hash(entry) for (entry,) in entries])
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, list(tree.pieces(levels)))
    return grown


def _tree(connection: Connection, size: int) -> Tree:
    def tiles(wanted: Sequence[Tile]) -> list[bytes]:
        levels, numbers = [each.level for each in wanted], [each.number for each in wanted]
        found = connection.execute(queries.TILES, {"levels": levels, "numbers": numbers}, binary=True)
        return [hashes for (hashes,) in found]

    return tree_of(size, tiles)


def _row(connection: Connection, query: LiteralString) -> tuple[Any, ...]:
    (row,) = connection.execute(query).fetchall()
    return row
