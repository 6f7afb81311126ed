"""Rows of a read model as JSON: sealed fields opened for the caller, figures of a date added."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from adapters.http.disclosure.caller import Caller
from adapters.http.disclosure.fields import SealedFields
from adapters.http.protocol.media import ENCODER
from adapters.postgres.serve.tables import LiveTable

RowValues = Sequence[Any]


@lru_cache(maxsize=1024)
def record_class(names: tuple[str, ...]) -> type[Struct]:
    """Return the class that encodes values under these names."""
    return msgspec.defstruct("Record", names)


class Records:
    """Encodes rows that were read as `names` from one table; the JSON has the first `shown` of them."""

    def __init__(
        self, live: LiveTable, names: tuple[str, ...], shown: int, fields: SealedFields, *, sealed: bool
    ) -> None:
        self._live, self._names, self._shown, self._fields = live, names, shown, fields
        self._record = record_class(names[:shown])
        self._sealed = (
            [] if sealed else [at for at, name in enumerate(names[:shown]) if live.columns[name] == "sealed"]
        )
        self.plain = not self._sealed
        """Whether nothing has to be opened: then `encode` equals `one` without a thread."""

    async def one(self, caller: Caller, row: RowValues) -> bytes:
        """Encode a row."""
        if self._sealed:
            (row,) = await run_in_threadpool(self._open, caller, [row])
        return self.encode(row)

    def encode(self, row: RowValues) -> bytes:
        """Encode a row as it is."""
        return ENCODER.encode(self._record(*row[: self._shown]))

    async def all(self, caller: Caller, rows: Sequence[RowValues]) -> list[msgspec.Raw]:
        """Encode rows."""
        if self._sealed:
            rows = await run_in_threadpool(self._open, caller, rows)
        record, shown, encode = self._record, self._shown, ENCODER.encode
        return [msgspec.Raw(encode(record(*row[:shown]))) for row in rows]

    async def dated(self, caller: Caller, rows: Sequence[RowValues], on: str) -> list[msgspec.Raw]:
        """Encode rows with the figures that they have on a date."""
        figures = [self._figures(row, on) for row in rows]
        opened = await run_in_threadpool(self._open, caller, rows) if self._sealed else rows
        names = self._names[: self._shown]
        return [
            msgspec.Raw(ENCODER.encode(dict(zip(names, row, strict=False)) | more))
            for row, more in zip(opened, figures, strict=True)
        ]

    def _figures(self, row: RowValues, on: str) -> dict[str, object]:
        values = {
            name: msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value
            for name, value in zip(self._names, row, strict=True)
            if name != "position"
        }
        found: dict[str, object] = msgspec.convert(values, self._live.model.row, builtin_types=(bytes,)).at(
            on
        )
        return found

    def _open(self, caller: Caller, rows: Sequence[RowValues]) -> list[RowValues]:
        """Open all sealed values of some rows at once."""
        places = [(number, at) for number, row in enumerate(rows) for at in self._sealed if row[at]]
        texts = self._fields.open(caller, [rows[number][at] for number, at in places])
        opened = [list(row) for row in rows]
        for (number, at), text in zip(places, texts, strict=True):
            opened[number][at] = text
        return list(opened)
