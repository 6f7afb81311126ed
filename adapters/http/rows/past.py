"""Rows as they were: folded from the part of the history that was known, or had occurred, at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from adapters.http.protocol.grammar import refuse
from adapters.http.protocol.media import ENCODER
from adapters.http.protocol.problems import Problem
from adapters.http.rows.evidence import RowEvidence, row_evidence
from adapters.http.rows.records import Opener
from adapters.postgres.serve.fetch import Rows
from adapters.postgres.serve.query import Filter, Query
from adapters.postgres.serve.tables import LiveTable
from projections.read_model import Key
from streams.history import refold
from streams.ports import Codec, Log
from streams.read_ports import Line

PAST = "known_at, true_at"
MOST_PAST = 100
"""So many keys are folded for one answer."""


class Past:
    """Folds rows as of a time; `known_at` and `true_at` may be asked together."""

    def __init__(self, log: Log, codec: Codec, rows: Rows, opener: Opener) -> None:
        self._log, self._codec, self._rows, self._opener = log, codec, rows, opener

    async def row(self, live: LiveTable, key: Key, query: Query) -> tuple[dict[str, Any], list[RowEvidence]]:
        """Return one row as it was, with evidence if it was asked for. Raises Problem where there was none."""
        found, evidence = await self.all(live, [key], query)
        if not found:
            named = "/".join(map(str, key))
            raise Problem(404, "no-such-row", "No such row", f"{live.name} had no row {named} then")
        return found[0], evidence

    async def all(
        self, live: LiveTable, begun: Sequence[Key], query: Query
    ) -> tuple[list[dict[str, Any]], list[RowEvidence]]:
        """Return the rows whose keys begin so, as they were, in order of their keys; evidence if it was asked for."""
        roots = await self._rows.roots(live.model.fold.tag, [each[0] for each in begun])
        return await run_in_threadpool(self._told, live, begun, query, roots)

    def _told(
        self, live: LiveTable, begun: Sequence[Key], query: Query, roots: Mapping[str, str]
    ) -> tuple[list[dict[str, Any]], list[RowEvidence]]:
        upto = None if query.known_at is None else self._log.position_at(query.known_at)
        found: dict[Key, Line] = {}
        for each in begun:
            value, lines = each[0], self._lines(live, each, query, upto)
            if lines is None and value in roots:
                lines = self._lines(live, (roots[value], *each[1:]), query, upto)
            found |= lines or {}
        opener = None if query.sealed else self._opener
        keys = sorted(found)
        then = [found[each] for each in keys]
        told = [_cut(each, query) for each in row_objects(then, query.on, opener)]
        return told, _evidence(live, keys, then) if query.evidence else []

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


def _evidence(live: LiveTable, keys: Sequence[Key], lines: Sequence[Line]) -> list[RowEvidence]:
    told = map(ENCODER.encode, row_objects(lines, None, None))
    return [
        row_evidence(live, key, line.position, each)
        for key, line, each in zip(keys, lines, told, strict=True)
    ]


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
