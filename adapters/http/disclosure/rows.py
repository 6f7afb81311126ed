"""Rows of live tables, as they are now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from adapters.http.disclosure.caller import Caller
from adapters.http.disclosure.fields import SealedFields
from adapters.http.disclosure.records import Records
from adapters.postgres.serve.live_rows import LiveRows, Replaced
from adapters.postgres.serve.sql import SqlStatement
from adapters.postgres.serve.tables import LiveTable, LiveTables

T = TypeVar("T")


class CurrentRows:
    """Gives out the rows of live tables."""

    def __init__(self, rows: LiveRows, tables: LiveTables, fields: SealedFields) -> None:
        self._rows, self._tables, self._fields = rows, tables, fields

    def table(self, _caller: Caller, model: str) -> LiveTable:
        """Return the table from which a caller reads a model. Raises NoSuchModel and NotBuilt."""
        return self._tables[model]

    async def answered(self, caller: Caller, model: str, answer: Callable[[LiveTable], Awaitable[T]]) -> T:
        """Return the answer made from a model's table; make it again if a newer build replaces the table meanwhile."""
        try:
            return await answer(self.table(caller, model))
        except Replaced:
            await self._tables.refresh()
            return await answer(self.table(caller, model))

    def check_current(self, live: LiveTable) -> None:
        """Raise Replaced if by now another table serves the model."""
        if not self._tables.current(live.name, live.table):
            raise Replaced(live.name)

    def fetch(
        self, _caller: Caller, live: LiveTable, statement: SqlStatement
    ) -> Awaitable[list[tuple[Any, ...]]]:
        """Run a statement on a live table, and return the rows. Raises Replaced."""
        return self._rows.fetch(live, statement)

    def walk(
        self, _caller: Caller, live: LiveTable, names: tuple[str, ...]
    ) -> AsyncIterator[list[tuple[Any, ...]]]:
        """Yield all rows in stretches of keys, each read in a transaction of its own. Raises Replaced."""
        return self._rows.walk(live, names)

    def roots(self, _caller: Caller, kind: str, values: Sequence[str]) -> Awaitable[Mapping[str, str]]:
        """Return, for each value that was merged into another, the one that stands in the end."""
        return self._rows.roots(kind, values)

    def held(self, _caller: Caller, live: LiveTable, value: str) -> Awaitable[bool]:
        """Return whether anything of a value of the model's tag is held back from its rows."""
        return self._rows.held(live, value)

    def records(
        self, live: LiveTable, names: tuple[str, ...], shown: int, *, sealed: bool = False
    ) -> Records:
        """Return the encoder of rows that were read as `names`; the JSON has the first `shown` of them."""
        return Records(live, names, shown, self._fields, sealed=sealed)

    def evidence_records(self, live: LiveTable) -> Records:
        """Return the encoder of whole, sealed rows, of which evidence is made."""
        names = tuple(live.columns)
        return self.records(live, names, len(names), sealed=True)
