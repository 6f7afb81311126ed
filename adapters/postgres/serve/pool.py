"""The pool of connections that queries share, and reads through it of what may not exist yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
import psycopg
from psycopg import AsyncConnection, errors
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg_pool import AsyncConnectionPool

Pool: TypeAlias = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]

DatabaseUnavailable = psycopg.OperationalError
"""Raised while the database is unavailable, full or too slow."""

POOL_SIZE = 8
"""Connections to the database at most: an item query takes well under a millisecond of one."""

POOL_SECONDS = 5.0
"""How long a request waits for a connection before it is answered 503."""


class JsonbAsIs(Loader):
    """Loads JSON as PostgreSQL sends it, unparsed: it is only passed on."""

    format = Format.BINARY

    def load(self, data: Buffer) -> msgspec.Raw:
        """Return the text after the version byte."""
        return msgspec.Raw(bytes(data)[1:])


def pool(url: str) -> Pool:
    """Return the pool, not yet open."""
    return AsyncConnectionPool(
        url,
        kwargs={"autocommit": True},
        configure=_configure,
        min_size=2,
        max_size=POOL_SIZE,
        timeout=POOL_SECONDS,
        open=False,
    )


async def _configure(connection: AsyncConnection[tuple[Any, ...]]) -> None:
    connection.adapters.register_loader("jsonb", JsonbAsIs)


async def rows_if_any(
    pool: Pool, query: bytes, parameters: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Return the rows of a query, none if its tables do not exist yet: nothing has been projected so far."""
    try:
        async with pool.connection() as connection:
            return await (await connection.execute(query, parameters)).fetchall()
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return []
