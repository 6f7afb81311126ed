"""Rows as they were: folded from the part of the history that was known, or had occurred, by a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from adapters.http.disclosure.caller import Caller
from adapters.http.disclosure.disclosure import Disclosure
from adapters.http.protocol.grammar import refuse
from adapters.http.protocol.media import ENCODER
from adapters.http.protocol.row_key import no_such_row
from adapters.http.rows.evidence import RowEvidence, row_evidence
from adapters.postgres.serve.query import Filter, Query
from adapters.postgres.serve.tables import LiveTable
from projections.read_model import Key
from streams.read_ports import Line

PAST = "known_at, true_at"
MOST_PAST = 1000
"""Keys folded for one answer at most."""

Answer = tuple[list[dict[str, Any]], list[RowEvidence]]
"""Rows as objects for JSON, and their evidence if it was asked for."""


class PastRows(Struct):
    """Folds rows as of a time; `known_at` and `true_at` may be combined."""

    disclosure: Disclosure

    async def row(
        self, caller: Caller, live: LiveTable, key: Key, query: Query
    ) -> tuple[dict[str, Any], list[RowEvidence]]:
        """Return one row as it was, with evidence if it was asked for. Raises Problem if there was none."""
        found, evidence = await self.all(caller, live, [key], query)
        if not found:
            raise no_such_row(live, key, past=True)
        return found[0], evidence

    async def all(self, caller: Caller, live: LiveTable, begun: Sequence[Key], query: Query) -> Answer:
        """Return the past rows whose keys begin so, in order of their keys, with evidence if it was asked for."""
        kind = live.model.fold.tag
        roots = await self.disclosure.rows.roots(caller, kind, [each[0] for each in begun])
        return await run_in_threadpool(self._answer, caller, live, begun, query, roots)

    def _answer(
        self, caller: Caller, live: LiveTable, begun: Sequence[Key], query: Query, roots: Mapping[str, str]
    ) -> Answer:
        histories, times = self.disclosure.histories, {"known_at": query.known_at, "true_at": query.true_at}
        then = histories.then(caller, live.model, begun, **times)
        merged = [
            (roots[each[0]], *each[1:]) for each, rows in then.items() if rows is None and each[0] in roots
        ]
        then |= histories.then(caller, live.model, merged, **times) if merged else {}
        found: dict[Key, Line] = {}
        for rows in then.values():
            found |= rows or {}
        keys = sorted(found)
        lines = [found[each] for each in keys]
        items = histories.objects(caller, lines, query.on, sealed=query.sealed)
        sealed = histories.objects(caller, lines, None, sealed=True) if query.evidence else []
        evidence = [
            row_evidence(live, key, line.position, ENCODER.encode(row))
            for key, line, row in zip(keys, lines, sealed, strict=False)
        ]
        return [_cut(each, query) for each in items], evidence


def past_keys(live: LiveTable, filters: Sequence[Filter]) -> list[Key]:
    """Return the beginnings of the keys that filters choose. Raises Problem if they choose by anything else."""
    first, chosen = live.key[0], {each.field: each for each in filters}
    leading = chosen.pop(first, None)
    if leading is None or leading.operator not in ("eq", "in"):
        detail = f"/{live.name}/{{{first}}}, or {first}={{{first}}}, or {first}[in]= with up to {MOST_PAST}"
        refuse(PAST, f"rows as of a time are found by key only, not for a whole read model: use {detail}")
    more: list[Any] = []
    for name in live.key[1:]:
        if name not in chosen or chosen[name].operator != "eq":
            break
        more += chosen.pop(name).values
    if chosen or 1 + len(more) != len(filters):
        key = ", ".join(live.key)
        refuse(
            PAST, f"rows as of a time are filtered by their key only, each part once, in this order: {key}"
        )
    if len(leading.values) > MOST_PAST:
        refuse(f"{first}[in]", f"give at most {MOST_PAST} values as of a time")
    return [(each, *more) for each in leading.values]


def _cut(row: dict[str, Any], query: Query) -> dict[str, Any]:
    if not query.fields:
        return row
    return {name: value for name, value in row.items() if name in (*query.fields, "position")}
