"""Reading live tables: by prepared statements, in binary, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from psycopg import errors

from adapters.postgres.serve import sql
from adapters.postgres.serve.pool import Pool
from adapters.postgres.serve.sql import SqlStatement
from adapters.postgres.serve.tables import LiveTable
from events.entry import key

STRETCH = 2000
"""Rows read at once by `walk`: some megabytes at most, while one statement costs little per row."""

_ROOTS = b"""
WITH RECURSIVE names (asked, value) AS (
    SELECT asked, asked FROM unnest(%s::text[]) AS asked
    UNION
    SELECT n.asked, a."into" FROM names n JOIN aliases a ON a.value = n.value
), aliases AS NOT MATERIALIZED (
    SELECT value, "into" FROM read.aliases WHERE kind = %s AND "into" IS NOT NULL
)
SELECT asked, value FROM names WHERE value <> asked AND NOT EXISTS (
    SELECT FROM aliases a WHERE a.value = names.value
)
"""
"""A chain of aliases is followed to its end, however long; a circle, which the rules refuse, has none."""


_HELD = b"SELECT FROM read.held WHERE model = %s AND tag = %s LIMIT 1"


class Replaced(Exception):
    """A newer build replaced the live table, which is gone."""


class LiveRows:
    """Reads rows of live tables."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def fetch(self, live: LiveTable, statement: SqlStatement) -> list[tuple[Any, ...]]:
        """Run a statement on a live table, and return the rows. Raises Replaced."""
        try:
            async with self._pool.connection() as connection:
                cursor = connection.cursor(binary=True)
                await cursor.execute(statement.text, statement.parameters, prepare=True)
                return await cursor.fetchall()
        except (errors.UndefinedTable, errors.UndefinedColumn, errors.FeatureNotSupported):
            raise Replaced(live.name) from None

    async def walk(self, live: LiveTable, names: tuple[str, ...]) -> AsyncIterator[list[tuple[Any, ...]]]:
        """Yield all rows of a live table in stretches of keys, each read in a transaction of its own. Raises Replaced."""
        places = [names.index(each) for each in live.key]
        after: list[Any] | None = None
        while True:
            stretch = await self.fetch(live, sql.stretch(live, names, after, STRETCH))
            if stretch:
                yield stretch
            if len(stretch) < STRETCH:
                return
            after = [stretch[-1][at] for at in places]

    async def held(self, live: LiveTable, value: str) -> bool:
        """Return whether anything of a value of the model's tag is held back from its rows."""
        tag = key(f"{live.model.fold.tag}:{value}")
        async with self._pool.connection() as connection:
            return bool(await (await connection.execute(_HELD, (live.name, tag))).fetchall())

    async def roots(self, kind: str, values: Sequence[str]) -> Mapping[str, str]:
        """Return, for each value that was merged into another, the one that stands in the end."""
        try:
            async with self._pool.connection() as connection:
                return dict(await (await connection.execute(_ROOTS, (list(values), kind))).fetchall())
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            return {}  # nothing has been projected yet
