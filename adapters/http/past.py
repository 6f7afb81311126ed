"""Rows as they were: folded from the part of the history that was known, or had occurred, at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from adapters.http.grammar import Filter, Query, refuse
from adapters.http.models import LiveTable
from adapters.http.problems import Problem
from adapters.http.records import Opener
from adapters.http.rows import Rows
from projections.read_model import Key
from streams import refold
from streams.ports import Codec, Log
from streams.read_ports import Line

PAST = "known_at, true_at"
MOST_PAST = 100
"""So many keys are folded for one answer."""


class Past:
    """Folds rows as of a time; `known_at` and `true_at` may be asked together."""

    def __init__(self, log: Log, codec: Codec, rows: Rows, opener: Opener) -> None:
        self._log, self._codec, self._rows, self._opener = log, codec, rows, opener

    async def row(self, live: LiveTable, key: Key, query: Query) -> dict[str, Any]:
        """Return one row as it was. Raises Problem where there was none."""
        found = await self.all(live, [key], query)
        if not found:
            named = "/".join(map(str, key))
            raise Problem(404, "no-such-row", "No such row", f"{live.name} had no row {named} then")
        return found[0]

    async def all(self, live: LiveTable, begun: Sequence[Key], query: Query) -> list[dict[str, Any]]:
        """Return the rows whose keys begin so, as they were, in order of their keys."""
        roots = await self._rows.roots(live.model.fold.tag, [each[0] for each in begun])
        return await run_in_threadpool(self._told, live, begun, query, roots)

    def _told(
        self, live: LiveTable, begun: Sequence[Key], query: Query, roots: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        upto = None if query.known_at is None else self._log.position_at(query.known_at)
        found: dict[Key, Line] = {}
        for each in begun:
            value, lines = each[0], self._lines(live, each, query, upto)
            if lines is None and value in roots:
                lines = self._lines(live, (roots[value], *each[1:]), query, upto)
            found |= lines or {}
        opener = None if query.sealed else self._opener
        told = row_objects([found[each] for each in sorted(found)], query.on, opener)
        return [_cut(each, query) for each in told]

    def _lines(self, live: LiveTable, begun: Key, query: Query, upto: int | None) -> dict[Key, Line] | None:
        """Fold the rows whose keys begin so; None where their value was another name of another one."""
        past = refold.Past(self._log, self._codec, upto=upto, true_at=query.true_at)
        folded = refold.refold(live.model, begun[0], past)
        if folded.merged:
            return None
        return {key: line for key, line in folded.lines.items() if key[: len(begun)] == begun}


def past_keys(live: LiveTable, filters: Sequence[Filter]) -> list[Key]:
    """Return how the keys begin that filters choose. Raises Problem where they choose by anything else."""
    first, chosen = live.key[0], {each.field: each for each in filters}
    leading = chosen.pop(first, None)
    if leading is None or leading.operator not in ("eq", "in"):
        detail = f"/{live.name}/{{{first}}}, or {first}={{{first}}}, or {first}[in]= with up to {MOST_PAST}"
        refuse(PAST, f"a whole read model is not told as of a time: name whose rows are wanted, {detail}")
    more: list[Any] = []
    for name in live.key[1:]:
        if name not in chosen or chosen[name].operator != "eq":
            break
        more += chosen.pop(name).values
    if chosen or 1 + len(more) != len(filters):
        told = ", ".join(live.key)
        refuse(
            PAST, f"rows as of a time are chosen by their key alone, each part once, in this order: {told}"
        )
    if len(leading.values) > MOST_PAST:
        refuse(f"{first}[in]", f"as of a time, at most {MOST_PAST} values")
    return [(each, *more) for each in leading.values]


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
