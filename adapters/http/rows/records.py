"""Rows of a read model as JSON: sealed fields opened for who may read them, figures of a date added."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import msgspec
from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from adapters.http.protocol.media import ENCODER
from adapters.postgres.serve.tables import LiveTable

Row = Sequence[Any]


class Opener(Protocol):
    """Opens sealed personal data, and hashes what it is found by."""

    def open_batch(self, values: Sequence[bytes]) -> list[str | None]:
        """Open sealed values, in order; None where the key was destroyed."""

    def find_hash(self, text: str) -> bytes:
        """Return the keyed hash by which equal values are found."""

    def times_destroyed(self) -> int:
        """Return how often keys were destroyed: what was open before may be closed now."""


@lru_cache(maxsize=1024)
def record_class(names: tuple[str, ...]) -> type[Struct]:
    """Return the class by which values under these names are encoded."""
    return msgspec.defstruct("Record", names)


class Records:
    """Makes JSON of rows that were read as `names` from one table; the first `shown` of them are told."""

    def __init__(self, live: LiveTable, names: tuple[str, ...], shown: int, opener: Opener | None) -> None:
        self._live, self._names, self._shown, self._opener = live, names, shown, opener
        self._record = record_class(names[:shown])
        self._sealed = (
            [at for at, name in enumerate(names[:shown]) if live.columns[name] == "sealed"] if opener else []
        )
        self.open = not self._sealed
        """Whether nothing has to be opened: then `encode` does at once what `one` does."""

    async def one(self, row: Row) -> bytes:
        """Encode a row."""
        if self._sealed:
            (row,) = await run_in_threadpool(self._open, [row])
        return self.encode(row)

    def encode(self, row: Row) -> bytes:
        """Encode a row as it is."""
        return ENCODER.encode(self._record(*row[: self._shown]))

    async def all(self, rows: Sequence[Row]) -> list[msgspec.Raw]:
        """Encode rows."""
        if self._sealed:
            rows = await run_in_threadpool(self._open, rows)
        record, shown, encode = self._record, self._shown, ENCODER.encode
        return [msgspec.Raw(encode(record(*row[:shown]))) for row in rows]

    async def dated(self, rows: Sequence[Row], on: str) -> list[msgspec.Raw]:
        """Encode rows with the figures that they have on a date."""
        figures = [self._figures(row, on) for row in rows]
        opened = await run_in_threadpool(self._open, rows) if self._sealed else rows
        names = self._names[: self._shown]
        return [
            msgspec.Raw(ENCODER.encode(dict(zip(names, row, strict=False)) | more))
            for row, more in zip(opened, figures, strict=True)
        ]

    def _figures(self, row: Row, on: str) -> dict[str, object]:
        told = {
            name: msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value
            for name, value in zip(self._names, row, strict=True)
            if name != "position"
        }
        found: dict[str, object] = msgspec.convert(told, self._live.model.row, builtin_types=(bytes,)).at(on)
        return found

    def _open(self, rows: Sequence[Row]) -> list[Row]:
        """Open all sealed values of some rows at once."""
        if self._opener is None:
            return list(rows)
        places = [(number, at) for number, row in enumerate(rows) for at in self._sealed if row[at]]
        texts = self._opener.open_batch([rows[number][at] for number, at in places])
        opened = [list(row) for row in rows]
        for (number, at), text in zip(places, texts, strict=True):
            opened[number][at] = text
        return list(opened)
