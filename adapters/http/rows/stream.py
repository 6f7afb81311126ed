"""`GET /<model>/stream`: the rows of a read model as they change, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from adapters.http.protocol import grammar
from adapters.http.protocol.media import ENCODER
from adapters.http.protocol.sse import (
    BATCH,
    BEGIN,
    KEEP_ALIVE,
    KEEP_ALIVE_SECONDS,
    frame,
    position_frame,
    resumed,
)
from adapters.http.protocol.subscribers import Subscribers
from adapters.http.rows.records import Opener, Records
from adapters.postgres.serve import sql
from adapters.postgres.serve.fetch import Replaced, Rows
from adapters.postgres.serve.progress import Progress
from adapters.postgres.serve.query import Query
from adapters.postgres.serve.tables import LiveTable, Tables
from events.catalogue import names
from events.entry import Stored, key
from events.event import Event
from projections.read_model import Key, tag_values
from streams.history.version import rewrites_rows, subscription
from streams.ports import Codec, Log, Selection, Undecodable


class RowStream(Struct):
    """`GET /<model>/stream`: the rows that have changed after a position, and change."""

    log: Log
    codec: Codec
    tables: Tables
    progress: Progress
    rows: Rows
    opener: Opener
    subscribers: Subscribers

    async def answer(self, request: Request) -> StreamingResponse:
        """Answer with the rows changed after `Last-Event-ID` or `after`, else with those that change now."""
        live = self.tables[request.path_params["model"]]
        told = dict(grammar.pairs(request.scope["query_string"]))
        for name in told:
            if name not in ("after", "sealed"):
                grammar.refuse(name, f"a stream knows no parameter {name!r}", parameters=("after", "sealed"))
        sealed = grammar.boolean("sealed", told.get("sealed", "false"))
        after = resumed(request)
        if after is None:
            after = grammar.integer("after", told["after"]) if "after" in told else None
        if after is None:
            after = await self.progress.position(live.name)
        return self.subscribers.stream(self._frames(live.name, after, Query(sealed=sealed)))

    async def _frames(self, name: str, position: int, query: Query) -> AsyncIterator[bytes]:
        types = tuple(key(names()[each]) for each in subscription(self.tables[name].model))
        yield BEGIN
        quiet = 0.0
        while True:
            reached = await self.progress.beyond(name, position)
            if reached <= position:
                quiet += self.progress.patience
                if quiet >= KEEP_ALIVE_SECONDS:
                    yield KEEP_ALIVE
                    quiet = 0.0
                continue
            chosen = Selection(types=types, after=position, upto=reached, limit=BATCH)
            found = list(await run_in_threadpool(self.log.select, chosen))
            events = await run_in_threadpool(self._decoded, found)
            for each in await self._changed(name, events, query):
                yield each
            position = found[-1].position if len(found) == BATCH else reached
            yield position_frame(position)

    def _decoded(self, found: Sequence[Stored]) -> list[Event]:
        """Decode what can be; what cannot is held, and has changed no row."""
        events = []
        for each in found:
            with suppress(Undecodable):
                events.append(self.codec.decode(each))
        return events

    async def _changed(self, name: str, events: Sequence[Event], query: Query) -> list[bytes]:
        if not events:
            return []
        for _ in range(2):
            try:
                return await self._read(self.tables[name], events, query)
            except Replaced:
                await self.tables.refresh()
        raise Replaced(name)

    async def _read(self, live: LiveTable, events: Sequence[Event], query: Query) -> list[bytes]:
        """Return the rows that events have changed as they are now, and which of them are no more."""
        keys, renamed = await self._touched(live, events)
        columns = tuple(live.columns)
        rows = await self.rows.fetch(live, sql.rows(live, list(keys), columns)) if keys else []
        for value in renamed:
            rows += await self.rows.fetch(live, sql.of_tag(live, value, columns))
        places = [columns.index(each) for each in live.key]
        there = {tuple(row[at] for at in places): row for row in rows}
        records = Records(live, columns, len(columns), None if query.sealed else self.opener)
        told = [frame("row", bytes(each)) for each in await records.all(list(there.values()))]
        gone: list[Key] = [each for each in keys if each not in there]
        gone += [(value,) for value in renamed if not any(each[0] == value for each in there)]
        return [frame("removed", self._key(live, each)) for each in gone] + told

    async def _touched(self, live: LiveTable, events: Sequence[Event]) -> tuple[dict[Key, None], list[str]]:
        """Return the keys of the rows that events change, and the values whose rows all may have changed."""
        model, kind = live.model, live.model.fold.tag
        keys: dict[Key, None] = {}
        renamed: dict[str, None] = {}
        for event in events:
            if type(event) in model.fold.events:
                keys.update(dict.fromkeys(model.keys(event)))
            if rewrites_rows(model, event):
                renamed.update(dict.fromkeys(tag_values(event, kind)))
        roots = await self.rows.roots(kind, list({each[0] for each in keys} | set(renamed)))
        merged = {(roots[each[0]], *each[1:]): None for each in keys if each[0] in roots}
        return keys | merged, list(renamed | {roots[each]: None for each in renamed if each in roots})

    @staticmethod
    def _key(live: LiveTable, row_key: Sequence[Any]) -> bytes:
        return ENCODER.encode(dict(zip(live.key, row_key, strict=False)))
