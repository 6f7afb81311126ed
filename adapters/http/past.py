"""Rows as they were: folded from the part of the history that was known, or had occurred, at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from adapters.http.grammar import Query
from adapters.http.models import LiveTable
from adapters.http.problems import Problem
from adapters.http.records import Opener
from adapters.http.rows import Rows
from streams import refold
from streams.ports import Codec, Log
from streams.read_ports import Line


class Past:
    """Folds rows as of a time; `known_at` and `true_at` may be asked together."""

    def __init__(self, log: Log, codec: Codec, rows: Rows, opener: Opener) -> None:
        self._log, self._codec, self._rows, self._opener = log, codec, rows, opener

    async def row(self, live: LiveTable, key: Sequence[Any], query: Query) -> dict[str, Any]:
        """Return one row as it was. Raises Problem where there was none."""
        found = await self.all(live, key, query)
        if not found:
            named = "/".join(map(str, key))
            raise Problem(404, "no-such-row", "No such row", f"{live.name} had no row {named} then")
        return found[0]

    async def all(self, live: LiveTable, key: Sequence[Any], query: Query) -> list[dict[str, Any]]:
        """Return the rows whose keys begin so, as they were, in order of their keys."""
        roots = await self._rows.roots(live.model.fold.tag, [key[0]])
        return await run_in_threadpool(self._told, live, key, query, roots.get(key[0]))

    def _told(
        self, live: LiveTable, key: Sequence[Any], query: Query, root: str | None
    ) -> list[dict[str, Any]]:
        refolded = self._refold(live, key[0], query)
        if refolded.merged and root is not None:
            key = (root, *key[1:])
            refolded = self._refold(live, root, query)
        begun = tuple(key)
        lines = [refolded.lines[each] for each in sorted(refolded.lines) if each[: len(begun)] == begun]
        opener = None if query.sealed else self._opener
        return [_cut(told, query) for told in row_objects(lines, query.on, opener)]

    def _refold(self, live: LiveTable, value: str, query: Query) -> refold.Refolded:
        upto = None if query.known_at is None else self._log.position_at(query.known_at)
        past = refold.Past(self._log, self._codec, upto=upto, true_at=query.true_at)
        return refold.refold(live.model, value, past)


def _cut(told: dict[str, Any], query: Query) -> dict[str, Any]:
    if not query.fields:
        return told
    return {name: value for name, value in told.items() if name in (*query.fields, "position")}


def row_objects(lines: Sequence[Line], on: str | None, opener: Opener | None) -> list[dict[str, Any]]:
    """Return folded rows as objects for JSON, sealed fields opened, with the figures of a date."""
    told = [msgspec.structs.asdict(line.row) | {"position": line.position} for line in lines]
    if opener is not None:
        sealed = [
            (row, name) for row in told for name, each in row.items() if isinstance(each, bytes) and each
        ]
        opened = opener.open_batch([row[name] for row, name in sealed])
        for (row, name), text in zip(sealed, opened, strict=True):
            row[name] = text
    if on is not None:
        for each, line in zip(told, lines, strict=True):
            each.update(line.row.at(on))
    return told
