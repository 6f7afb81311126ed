"""Answers folded from histories: past rows, explanations, the entries of a row, erasure certificates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from adapters.http.disclosure.caller import Caller
from adapters.http.disclosure.fields import SealedFields
from adapters.wire import explained as wire
from events.entry import Stored
from projections.read_model import Key, ReadModel
from streams.erasure.certificate import Certifier
from streams.history.explain import explain
from streams.history.past import past_at
from streams.history.row_entries import entries_of
from streams.history.then import check_length, rows_then
from streams.ports import Codec, Log
from streams.read_ports import Line

Model = ReadModel[Any]


class RowHistories:
    """Gives out what histories fold to. Every method reads the log: call it in a thread."""

    def __init__(self, log: Log, codec: Codec, fields: SealedFields) -> None:
        self._log, self._codec, self._fields = log, codec, fields

    def then(
        self,
        _caller: Caller,
        model: Model,
        begun: Sequence[Key],
        *,
        known_at: int | None,
        true_at: int | None,
    ) -> dict[Key, dict[Key, Line] | None]:
        """Return the rows as of a time whose keys begin so, by that beginning; None if the value was merged into another.

        Raises TooLongToFold.
        """
        past = past_at(self._log, self._codec, known_at=known_at, true_at=true_at)
        return rows_then(self._log, past, model, begun)

    def objects(
        self, caller: Caller, lines: Sequence[Line], on: str | None, *, sealed: bool
    ) -> list[dict[str, Any]]:
        """Return folded rows as objects for JSON, sealed fields opened, with the figures of a date."""
        rows = [_as_object(line) for line in lines]
        if not sealed:
            self._open(caller, rows)
        if on is not None:
            for row, line in zip(rows, lines, strict=True):
                row.update(line.row.at(on))
        return rows

    def _open(self, caller: Caller, rows: Sequence[dict[str, Any]]) -> None:
        closed = [
            (row, name) for row in rows for name, each in row.items() if isinstance(each, bytes) and each
        ]
        texts = self._fields.open(caller, [row[name] for row, name in closed])
        for (row, name), text in zip(closed, texts, strict=True):
            row[name] = text

    def explained(
        self,
        caller: Caller,
        model: Model,
        key: Key,
        *,
        known_at: int | None,
        true_at: int | None,
        sealed: bool,
        whole: bool,
    ) -> dict[str, Any] | None:
        """Return each field's value and the event that last set it, None if there is no such row. Raises TooLongToFold."""
        if whole or model.day_of(key) is None:
            check_length(self._log, model, [key[0]])
        found = explain(self._log, self._codec, model, key, known_at=known_at, true_at=true_at, whole=whole)
        return None if found is None else wire.as_object(found, self._fields.opener(caller, sealed=sealed))

    def entries(self, _caller: Caller, model: Model, key: Key, *, whole: bool) -> Sequence[Stored]:
        """Return the entries that made a row, none if there is no such row."""
        return entries_of(self._log, self._codec, model, key, whole=whole)

    def certificate(self, caller: Caller, person: str, note: str) -> str:
        """Return the text of a person's erasure certificate under a checkpoint. Raises NotErased and ErasurePending."""
        open_batch = partial(self._fields.open, caller)
        return Certifier(self._log, self._codec, open_batch).text(f"person:{person}", note)


def _as_object(line: Line) -> dict[str, Any]:
    """Return a row as an object; its maps are in the order of their keys, so that equal rows have equal digests."""
    row: dict[str, Any] = msgspec.to_builtins(line.row, builtin_types=(bytes,), order="deterministic")
    return row | {"position": line.position}
