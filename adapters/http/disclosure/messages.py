"""Refused messages of the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.http.disclosure.caller import Caller
from adapters.http.disclosure.fields import SealedFields
from adapters.postgres.refused import SELECT, RefusedQuery
from adapters.postgres.serve.pool import Pool, rows_if_any
from adapters.wire import refused as wire
from adapters.wire.refused import RefusedRow
from streams.ports import Log


class RefusedMessages:
    """Gives out the refused messages of one inbox."""

    def __init__(self, pool: Pool, topic: str, log: Log, fields: SealedFields) -> None:
        self._pool, self._topic, self._log, self._fields = pool, topic, log, fields

    async def select(self, _caller: Caller, wanted: RefusedQuery) -> list[RefusedRow]:
        """Return the rows of messages."""
        found = await rows_if_any(self._pool, SELECT.encode(), wanted.parameters(self._topic))
        return [RefusedRow(**dict(zip(RefusedRow.__struct_fields__, row, strict=True))) for row in found]

    def objects(self, caller: Caller, rows: Sequence[RefusedRow], *, sealed: bool) -> list[dict[str, Any]]:
        """Return rows as objects for JSON, with originals opened. Reads the log: call it in a thread."""
        return wire.as_objects(self._log, self._fields.opener(caller, sealed=sealed), rows)
