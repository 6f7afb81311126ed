"""Refused messages of the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import errors
from psycopg.rows import class_row

from adapters.http.disclosure.caller import Caller
from adapters.http.disclosure.fields import SealedFields
from adapters.postgres.refused import SELECT, RefusedQuery
from adapters.postgres.serve.tables import Pool
from adapters.wire import refused as wire
from adapters.wire.refused import RefusedRow
from streams.ports import Log


class RefusedMessages:
    """Gives out the refused messages of one inbox."""

    def __init__(self, pool: Pool, topic: str, log: Log, fields: SealedFields) -> None:
        self._pool, self._topic, self._log, self._fields = pool, topic, log, fields

    async def select(self, _caller: Caller, wanted: RefusedQuery) -> list[RefusedRow]:
        """Return the rows of messages."""
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(RefusedRow))
            try:
                await cursor.execute(SELECT, wanted.parameters(self._topic))
            except (errors.UndefinedTable, errors.InvalidSchemaName):
                return []  # nothing was ever read of the topic
            return await cursor.fetchall()

    def objects(self, caller: Caller, rows: Sequence[RefusedRow], *, sealed: bool) -> list[dict[str, Any]]:
        """Return rows as objects for JSON, with originals opened. Reads the log: call it in a thread."""
        return wire.as_objects(self._log, self._fields.opener(caller, sealed=sealed), rows)
