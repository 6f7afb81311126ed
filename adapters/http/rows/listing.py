"""`GET /<model>`: lists and sums of the rows of read models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.disclosure.caller import Caller, caller_of
from adapters.http.disclosure.disclosure import Disclosure
from adapters.http.protocol import cursors
from adapters.http.protocol.cache import has_already
from adapters.http.protocol.grammar import LIST_OPTIONS, parse, refuse
from adapters.http.rows.answer import check_dated, columns_of, in_json, unchanged
from adapters.http.rows.evidence import Grounds, RowEvidence, of_rows
from adapters.http.rows.past import PAST, PastRows, past_keys
from adapters.postgres.serve import sql
from adapters.postgres.serve.bookmarks import NOWHERE, BeingFoldedAgain, Bookmarks
from adapters.postgres.serve.query import DEFAULT_LIMIT, Filter, Query
from adapters.postgres.serve.sql import Order
from adapters.postgres.serve.tables import LiveTable


class _Page(Struct, frozen=True):
    """The items of a page, the cursor of the next one if there is one, and the evidence if it was asked for."""

    items: Sequence[Any]
    following: str | None
    evidence: Sequence[RowEvidence] = ()


class Listings(Struct):
    """Answers with lists and sums of the rows of live tables."""

    disclosure: Disclosure
    bookmarks: Bookmarks
    past: PastRows
    grounds: Grounds
    log_id: str

    async def answer(self, request: Request) -> Response:
        """Answer with a list, or with sums."""
        caller, model = caller_of(request), request.path_params["model"]
        return await self.disclosure.rows.answered(caller, model, partial(self._all, request, caller))

    async def _all(self, request: Request, caller: Caller, live: LiveTable) -> Response:
        return await self.listing(request, caller, live, ())

    async def listing(
        self, request: Request, caller: Caller, live: LiveTable, begun: Sequence[Filter]
    ) -> Response:
        """Answer with the rows whose keys begin so and that the query chooses."""
        query = parse(request.scope["query_string"], live, LIST_OPTIONS, filters=True)
        check_dated(live, query)
        query = msgspec.structs.replace(query, filters=(*begun, *query.filters))
        if query.past:
            return await self._then(caller, live, query)
        if query.wait_for is not None:
            await self.bookmarks.reach(live.name, query.wait_for)
            if sql.by_name(live, query):
                await self.bookmarks.reach_names(query.wait_for)
        version = await self.disclosure.fields.version(live)
        if sql.by_name(live, query):
            version += f".{(await self.bookmarks.names()).version}"
        evidence = await self.grounds.begin(live) if query.evidence else None
        position, changes, refolding = (await self.bookmarks.read()).get(live.name, NOWHERE)
        if evidence and refolding:
            raise BeingFoldedAgain(live.name)
        self.disclosure.rows.check_current(live)
        again = f".{refolding}" if refolding else ""
        etag = f'W/"{self.log_id}-{live.digest}-{changes}{again}-{query.on or ""}{version}"'
        if evidence is None and has_already(request, etag):
            return unchanged(etag, {"pujiang-position": str(position)})
        page = await (self._sums if query.sum else self._page)(caller, live, query)
        headers = {"pujiang-position": str(position)} | ({} if evidence else {"etag": etag})
        if page.following:
            headers["link"] = f'<{request.url.include_query_params(cursor=page.following)}>; rel="next"'
        body: dict[str, Any] = {"items": page.items, "next": page.following, "position": position}
        if refolding:
            body["refolding"] = refolding
        return in_json(body, evidence, page.evidence, headers)

    async def _then(self, caller: Caller, live: LiveTable, query: Query) -> Response:
        """Answer with the rows of some keys as they were."""
        begun = past_keys(live, query.filters)
        if query.sort or query.cursor or query.sum or query.limit != DEFAULT_LIMIT:
            refuse(PAST, "rows as of a time cannot be sorted, paged or added up: the answer has all of them")
        evidence = await self.grounds.begin(live) if query.evidence else None
        items, rows = await self.past.all(caller, live, begun, query)
        return in_json({"items": items, "next": None}, evidence, rows)

    async def _page(self, caller: Caller, live: LiveTable, query: Query) -> _Page:
        disclosed, order = self.disclosure.rows, sql.order_of(live, query)
        columns = columns_of(live, query, order.names)
        names = columns.names
        after = None if query.cursor is None else cursors.read_row(live, order, query.cursor)
        find_hash = self.disclosure.fields.find_hash(caller)
        found = await disclosed.fetch(caller, live, sql.listing(live, query, names, after, find_hash))
        rows, following = _cut(found, query.limit, order, names)
        records = disclosed.records(live, names, columns.shown, sealed=query.sealed)
        items = await (records.dated(caller, rows, query.on) if query.on else records.all(caller, rows))
        evidence = of_rows(live, disclosed.evidence_records(live), names, rows) if query.evidence else ()
        return _Page(items, following, evidence)

    async def _sums(self, caller: Caller, live: LiveTable, query: Query) -> _Page:
        if query.sort or query.fields or query.on:
            refuse(
                "sum",
                "sum cannot be combined with sort, fields or on: its rows have the fields of sum and by",
            )
        if query.cursor is not None and not query.by:
            refuse("cursor", "a sum without `by` is a single row and has no next page")
        order = sql.sum_order(query)
        after = None if query.cursor is None else cursors.read_row(live, order, query.cursor)
        statement = sql.sums(live, query, after, self.disclosure.fields.find_hash(caller))
        found = await self.disclosure.rows.fetch(caller, live, statement)
        rows, following = _cut(found, query.limit, order, statement.names)
        return _Page([dict(zip(statement.names, row, strict=True)) for row in rows], following)


def _cut(
    rows: list[tuple[Any, ...]], limit: int, order: Order, names: Sequence[str]
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Return the rows of a page, and the cursor of the next one if there is one."""
    if len(rows) <= limit:
        return rows, None
    last = dict(zip(names, rows[limit - 1], strict=True))
    return rows[:limit], cursors.encode_row(order, [last[name] for name in order.names])
