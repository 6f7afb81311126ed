"""`GET /<model>/{key}`: single rows of read models."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.disclosure.caller import Caller, caller_of
from adapters.http.disclosure.disclosure import Disclosure
from adapters.http.disclosure.records import Records, RowValues
from adapters.http.protocol.cache import FRESH, has_already
from adapters.http.protocol.grammar import ITEM_OPTIONS, parse
from adapters.http.protocol.media import JSON
from adapters.http.protocol.row_key import no_such_row, read_parts
from adapters.http.rows.answer import Columns, check_dated, columns_of, in_json, unchanged
from adapters.http.rows.evidence import Grounds, of_rows
from adapters.http.rows.listing import Listings
from adapters.http.rows.past import PastRows
from adapters.postgres.serve import sql
from adapters.postgres.serve.bookmarks import BeingFoldedAgain, Bookmarks
from adapters.postgres.serve.query import Filter, Query
from adapters.postgres.serve.sql import SqlStatement
from adapters.postgres.serve.tables import LiveTable


class _Plain(Struct, frozen=True):
    """What reads and encodes a row if the address has no parameters: made once a table."""

    live: LiveTable
    records: Records
    text: bytes
    names: tuple[str, ...]
    position: int
    version: str


class _RowResponse(Response):
    """The most frequent answer of all, with its headers as they are sent."""

    def __init__(self, body: bytes, etag: str) -> None:
        self.status_code, self.body, self.background = 200, body, None
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
            (b"etag", etag.encode()),
            (b"cache-control", b"private, no-cache"),
        ]


class Items(Struct):
    """Answers with single rows of live tables."""

    disclosure: Disclosure
    bookmarks: Bookmarks
    past: PastRows
    listings: Listings
    grounds: Grounds
    log_id: str
    plain: dict[str, _Plain] = {}

    async def answer(self, request: Request) -> Response:
        """Answer with a row, or with the rows whose keys begin so."""
        caller, model = caller_of(request), request.path_params["model"]
        return await self.disclosure.rows.answered(caller, model, partial(self._row, request, caller))

    async def _row(self, request: Request, caller: Caller, live: LiveTable) -> Response:
        key = read_parts(request, live, 1)
        if len(key) < len(live.key):
            begun = zip(live.key, key, strict=False)
            filters = [Filter(name, "eq", (each,)) for name, each in begun]
            return await self.listings.listing(request, caller, live, filters)
        if not request.scope["query_string"]:
            return await self._plain_item(request, caller, live, key)
        return await self._item(request, caller, live, key)

    async def _plain_item(
        self, request: Request, caller: Caller, live: LiveTable, key: list[Any]
    ) -> Response:
        version = await self.disclosure.fields.version(live)
        plain = self.plain.get(live.name)
        if plain is None or plain.live is not live:
            plain = self.plain[live.name] = self._make_plain(live)
        rows = await self.disclosure.rows.fetch(caller, live, SqlStatement(plain.text, key, plain.names))
        row = rows[0] if rows else await self._one(caller, live, key, plain.names)
        etag = f'{plain.version}{row[plain.position]}-{version}"'
        if has_already(request, etag):
            return unchanged(etag)
        records = plain.records
        return _RowResponse(records.encode(row) if records.plain else await records.one(caller, row), etag)

    def _make_plain(self, live: LiveTable) -> _Plain:
        names = tuple(live.columns)
        records = self.disclosure.rows.records(live, names, len(names))
        text = sql.item(live, (), names).text
        return _Plain(live, records, text, names, names.index("position"), f'"{self.log_id}-{live.digest}-')

    async def _item(self, request: Request, caller: Caller, live: LiveTable, key: list[Any]) -> Response:
        query = parse(request.scope["query_string"], live, ITEM_OPTIONS, filters=False)
        check_dated(live, query)
        if query.wait_for is not None and not query.past:
            await self.bookmarks.reach_row(live.name, key, query.wait_for)
            self.disclosure.rows.check_current(live)
        evidence = await self.grounds.begin(live) if query.evidence else None
        if evidence and not query.past and await self.bookmarks.marks(live.name, key):
            raise BeingFoldedAgain(live.name)
        if query.past:
            body, found = await self.past.row(caller, live, tuple(key), query)
            return in_json({"item": body}, evidence, found) if evidence else in_json(body)
        columns = columns_of(live, query)
        names = columns.names
        version = await self.disclosure.fields.version(live)
        row = await self._one(caller, live, key, names)
        if evidence:
            content = await self._content(caller, live, columns, query, row)
            found = of_rows(live, self.disclosure.rows.evidence_records(live), names, [row])
            return in_json({"item": msgspec.Raw(content)}, evidence, found)
        etag = f'"{self.log_id}-{live.digest}-{row[names.index("position")]}-{query.on or ""}{version}"'
        if has_already(request, etag):
            return unchanged(etag)
        content = await self._content(caller, live, columns, query, row)
        return Response(content, media_type=JSON, headers={"etag": etag, "cache-control": FRESH})

    async def _content(
        self, caller: Caller, live: LiveTable, columns: Columns, query: Query, row: RowValues
    ) -> bytes:
        records = self.disclosure.rows.records(live, columns.names, columns.shown, sealed=query.sealed)
        if query.on:
            return bytes((await records.dated(caller, [row], query.on))[0])
        return await records.one(caller, row)

    async def _one(
        self, caller: Caller, live: LiveTable, key: list[Any], names: tuple[str, ...]
    ) -> RowValues:
        disclosed = self.disclosure.rows
        rows = await disclosed.fetch(caller, live, sql.item(live, key, names))
        if not rows and isinstance(key[0], str):
            # A value that was merged into another has no rows of its own: the other's row is meant.
            roots = await disclosed.roots(caller, live.model.fold.tag, [key[0]])
            if roots:
                rows = await disclosed.fetch(caller, live, sql.item(live, [roots[key[0]], *key[1:]], names))
        if not rows:
            raise no_such_row(live, key)
        return rows[0]
