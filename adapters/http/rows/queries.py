"""`GET /<model>` and `GET /<model>/{key}`: lists, sums and single rows of read models."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.protocol import cursors
from adapters.http.protocol.cache import FRESH, has_already
from adapters.http.protocol.grammar import ITEM_OPTIONS, LIST_OPTIONS, parse, refuse, value
from adapters.http.protocol.media import ENCODER, JSON
from adapters.http.protocol.path import segments
from adapters.http.protocol.problems import Problem
from adapters.http.rows.evidence import Evidence, RowEvidence, Witnessed, of_rows, with_evidence
from adapters.http.rows.past import PAST, Past, past_keys
from adapters.http.rows.records import Opener, Records, Row
from adapters.postgres.serve import sql
from adapters.postgres.serve.fetch import Replaced, Rows
from adapters.postgres.serve.progress import Progress
from adapters.postgres.serve.query import DEFAULT_LIMIT, Filter, Query
from adapters.postgres.serve.sql import Order, Statement
from adapters.postgres.serve.tables import LiveTable, Tables


class _Plain(Struct, frozen=True):
    """What a row is read and told with when nothing stands behind the question mark: made once a table."""

    live: LiveTable
    records: Records
    text: bytes
    names: tuple[str, ...]
    position: int
    version: str


class _Row(Response):
    """The most frequent answer of all, with its headers as they are sent."""

    def __init__(self, body: bytes, etag: str) -> None:
        self.status_code, self.body, self.background = 200, body, None
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
            (b"etag", etag.encode()),
            (b"cache-control", b"private, no-cache"),
        ]


class Queries(Struct):
    """Answers queries about read models from their live tables."""

    rows: Rows
    tables: Tables
    progress: Progress
    past: Past
    opener: Opener
    log_id: str
    witnessed: Witnessed
    plain: dict[str, _Plain] = {}

    async def model(self, request: Request) -> Response:
        """Answer `GET /<model>`."""
        return await self._served(request, partial(self._list, request, begun=()))

    async def row(self, request: Request) -> Response:
        """Answer `GET /<model>/{key}`: a row, or the rows whose keys begin so."""
        return await self._served(request, partial(self._row, request))

    async def _served(
        self, request: Request, told: Callable[[LiveTable], Coroutine[Any, Any, Response]]
    ) -> Response:
        """Answer from the live table; once more where a newer build has replaced it meanwhile."""
        name = request.path_params["model"]
        try:
            return await told(self.tables[name])
        except Replaced:
            await self.tables.refresh()
            return await told(self.tables[name])

    async def _row(self, request: Request, live: LiveTable) -> Response:
        parts = segments(request, 1)
        if len(parts) > len(live.key):
            raise Problem(
                404,
                "unknown-address",
                "Unknown address",
                f"a row of {live.name} is named by {'/'.join(live.key)}",
            )
        key = [value(name, text, live) for name, text in zip(live.key, parts, strict=False)]
        if len(key) < len(live.key):
            begun = zip(live.key, key, strict=False)
            return await self._list(request, live, [Filter(name, "eq", (each,)) for name, each in begun])
        if not request.scope["query_string"]:
            return await self._plain_item(request, live, key)
        return await self._item(request, live, key)

    async def _plain_item(self, request: Request, live: LiveTable, key: list[Any]) -> Response:
        erasures = await self._erasures(live)
        plain = self.plain.get(live.name)
        if plain is None or plain.live is not live:
            plain = self.plain[live.name] = self._make_plain(live)
        rows = await self.rows.fetch(live, Statement(plain.text, key, plain.names))
        row = rows[0] if rows else await self._one(live, key, plain.names)
        etag = f'{plain.version}{row[plain.position]}-{erasures}"'
        if has_already(request, etag):
            return Response(status_code=304, headers={"etag": etag, "cache-control": FRESH})
        records = plain.records
        return _Row(records.encode(row) if records.open else await records.one(row), etag)

    async def _erasures(self, live: LiveTable) -> str:
        """Return what tells versions apart that differ in what was erased; asked for before anything is opened."""
        if not live.sealed:
            return ""
        return f".{await run_in_threadpool(self.opener.times_destroyed)}"

    def _make_plain(self, live: LiveTable) -> _Plain:
        names = tuple(live.columns)
        records = Records(live, names, len(names), self.opener)
        text = sql.item(live, (), names).text
        return _Plain(live, records, text, names, names.index("position"), f'"{self.log_id}-{live.digest}-')

    async def _item(self, request: Request, live: LiveTable, key: list[Any]) -> Response:
        query = parse(request.scope["query_string"], live, ITEM_OPTIONS, filters=False)
        self._check_dated(live, query)
        if query.wait_for is not None and not query.past:
            await self.progress.reach(live.name, query.wait_for)
            self._check_current(live)
        begun = await self.witnessed.begin(live) if query.evidence else None
        if query.past:
            told, rows = await self.past.row(live, tuple(key), query)
            return _told({"item": told}, begun, rows) if begun else _told(told)
        shown, names = _columns(live, query, ())
        erasures = await self._erasures(live)
        row = await self._one(live, key, names)
        if begun:
            body = await self._body(live, names, shown, query, row)
            return _told({"item": msgspec.Raw(body)}, begun, of_rows(live, names, [row]))
        etag = f'"{self.log_id}-{live.digest}-{row[names.index("position")]}-{query.on or ""}{erasures}"'
        if has_already(request, etag):
            return Response(status_code=304, headers={"etag": etag, "cache-control": FRESH})
        body = await self._body(live, names, shown, query, row)
        return Response(body, media_type=JSON, headers={"etag": etag, "cache-control": FRESH})

    async def _body(
        self, live: LiveTable, names: tuple[str, ...], shown: int, query: Query, row: Row
    ) -> bytes:
        records = self._records(live, names, shown, query)
        return bytes((await records.dated([row], query.on))[0]) if query.on else await records.one(row)

    def _check_current(self, live: LiveTable) -> None:
        """Raise Replaced where another table serves the model, whose position is told by now."""
        if not self.tables.current(live.name, live.table):
            raise Replaced

    async def _one(self, live: LiveTable, key: list[Any], names: tuple[str, ...]) -> Row:
        rows = await self.rows.fetch(live, sql.item(live, key, names))
        if not rows and isinstance(key[0], str):
            # Another name of a merged one has no rows of its own: the one that stands is meant.
            roots = await self.rows.roots(live.model.fold.tag, [key[0]])
            if roots:
                rows = await self.rows.fetch(live, sql.item(live, [roots[key[0]], *key[1:]], names))
        if rows:
            return rows[0]
        named = "/".join(map(str, key))
        raise Problem(404, "no-such-row", "No such row", f"{live.name} has no row {named}")

    async def _list(self, request: Request, live: LiveTable, begun: Sequence[Filter]) -> Response:
        query = parse(request.scope["query_string"], live, LIST_OPTIONS, filters=True)
        self._check_dated(live, query)
        if query.past:
            return await self._then(live, query, (*begun, *query.filters))
        query = msgspec.structs.replace(query, filters=(*begun, *query.filters))
        if query.wait_for is not None:
            await self.progress.reach(live.name, query.wait_for)
        erasures = await self._erasures(live)
        evidence = await self.witnessed.begin(live) if query.evidence else None
        position, epoch = (await self.progress.marks()).get(live.name, (0, 0))
        self._check_current(live)
        etag = f'"{self.log_id}-{live.digest}-{position}.{epoch}-{query.on or ""}{erasures}"'
        if evidence is None and has_already(request, etag):
            return Response(status_code=304, headers={"etag": etag, "cache-control": FRESH})
        rows: Sequence[RowEvidence] = ()
        if query.sum:
            items, following = await self._sums(live, query)
        else:
            items, following, rows = await self._page(live, query)
        headers = {"pujiang-position": str(position)} | ({} if evidence else {"etag": etag})
        if following:
            headers["link"] = f'<{request.url.include_query_params(cursor=following)}>; rel="next"'
        told = {"items": items, "next": following, "position": position}
        return _told(told, evidence, rows, headers)

    async def _then(self, live: LiveTable, query: Query, filters: Sequence[Filter]) -> Response:
        """Answer with the rows of some keys as they were."""
        begun = past_keys(live, filters)
        if query.sort or query.cursor or query.sum or query.limit != DEFAULT_LIMIT:
            refuse(PAST, "rows as of a time are neither sorted, paged nor added up: all of the keys are told")
        evidence = await self.witnessed.begin(live) if query.evidence else None
        items, rows = await self.past.all(live, begun, query)
        return _told({"items": items, "next": None}, evidence, rows)

    async def _page(
        self, live: LiveTable, query: Query
    ) -> tuple[Sequence[Any], str | None, Sequence[RowEvidence]]:
        order = sql.order_of(live, query)
        shown, names = _columns(live, query, order.names)
        after = None if query.cursor is None else cursors.read_row(live, order, query.cursor)
        statement = sql.listing(live, query, names, after, self.opener.find_hash)
        rows, following = _cut(await self.rows.fetch(live, statement), query.limit, order, names)
        records = self._records(live, names, shown, query)
        items = await (records.dated(rows, query.on) if query.on else records.all(rows))
        return items, following, of_rows(live, names, rows) if query.evidence else ()

    async def _sums(self, live: LiveTable, query: Query) -> tuple[Sequence[Any], str | None]:
        if query.sort or query.fields or query.on:
            refuse("sum", "a sum takes neither sort, fields nor on: it has the fields of sum and by")
        if query.cursor is not None and not query.by:
            refuse("cursor", "a sum without `by` is one row: there is no next page")
        order = sql.sum_order(query)
        after = None if query.cursor is None else cursors.read_row(live, order, query.cursor)
        statement = sql.sums(live, query, after, self.opener.find_hash)
        rows, following = _cut(await self.rows.fetch(live, statement), query.limit, order, statement.names)
        return [dict(zip(statement.names, row, strict=True)) for row in rows], following

    def _records(self, live: LiveTable, names: tuple[str, ...], shown: int, query: Query) -> Records:
        return Records(live, names, shown, None if query.sealed else self.opener)

    @staticmethod
    def _check_dated(live: LiveTable, query: Query) -> None:
        if query.on and not hasattr(live.model.row, "at"):
            refuse("on", f"{live.name} has no figures that depend on a date")


def _told(
    told: dict[str, Any],
    evidence: Evidence | None = None,
    rows: Sequence[RowEvidence] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer, with evidence if it was asked for: that is another answer at each checkpoint, so it has no ETag."""
    body = ENCODER.encode(told if evidence is None else with_evidence(told, evidence, rows))
    return Response(body, media_type=JSON, headers={"cache-control": FRESH, **(headers or {})})


def _columns(live: LiveTable, query: Query, order: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Return how many columns are shown, and all that must be read; the position always comes along."""
    if not query.fields:
        return len(live.columns), tuple(live.columns)
    shown = tuple(dict.fromkeys((*query.fields, "position")))
    more = live.columns if query.on or query.evidence else order
    return len(shown), tuple(dict.fromkeys((*shown, *more)))


def _cut(
    rows: list[tuple[Any, ...]], limit: int, order: Order, names: Sequence[str]
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Return the rows of a page, and the cursor of the next one if there is one."""
    if len(rows) <= limit:
        return rows, None
    last = dict(zip(names, rows[limit - 1], strict=True))
    return rows[:limit], cursors.encode_row(order, [last[name] for name in order.names])
