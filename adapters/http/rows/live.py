"""Server-sent events: the log as it grows, and the rows of a read model as they change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from adapters.http.log.events import FILTERS, Events, Wanted, wanted
from adapters.http.protocol import grammar
from adapters.http.protocol.grammar import Query
from adapters.http.rows.records import ENCODER, Opener, Records
from adapters.http.rows.subscribers import Subscribers
from adapters.postgres.serve import sql
from adapters.postgres.serve.fetch import Replaced, Rows
from adapters.postgres.serve.progress import Head, Progress
from adapters.postgres.serve.tables import LiveTable, Tables
from events.catalogue import names
from events.entry import Stored, key
from events.event import Event
from projections.read_model import Key, tag_values
from streams.history.version import rewrites_rows, subscription
from streams.ports import Codec, Log, Selection, Undecodable

KEEP_ALIVE_SECONDS = 15.0
BATCH = 500

_BEGIN = b"retry: 1000\n\n"
_STILL_THERE = b":\n\n"


def frame(event: str, data: bytes, number: int | None = None) -> bytes:
    """Return one event of a stream; JSON has no line breaks, so its data is one line."""
    id_ = b"" if number is None else b"id: %d\n" % number
    return b"%sevent: %s\ndata: %s\n\n" % (id_, event.encode(), data)


def mark(number: int) -> bytes:
    """Return what moves the reader's Last-Event-ID and tells nothing."""
    return b"id: %d\n\n" % number


def resumed(request: Request) -> int | None:
    """Return the position that the reader has seen, if it tells one."""
    told = request.headers.get("last-event-id")
    return None if told is None else grammar.integer("Last-Event-ID", told)


class EventStream:
    """`GET /events/stream`: the events of the log after a position, live."""

    def __init__(self, log: Log, events: Events, head: Head, subscribers: Subscribers) -> None:
        self._log, self._events, self._head, self._subscribers = log, events, head, subscribers

    async def answer(self, request: Request) -> StreamingResponse:
        """Answer with the events after `Last-Event-ID` or `after`, else with those to come."""
        asked = wanted(request.scope["query_string"], FILTERS)
        after = resumed(request)
        if after is None:
            given = "after" in request.query_params
            after = asked.after if given else await run_in_threadpool(self._log.head)
        return self._subscribers.stream(self._frames(asked, after))

    async def _frames(self, asked: Wanted, position: int) -> AsyncIterator[bytes]:
        yield _BEGIN
        while True:
            head = await self._head.beyond(position, KEEP_ALIVE_SECONDS)
            if head <= position:
                yield _STILL_THERE
                continue
            chosen = asked.selection(position, head, BATCH)
            found = list(await run_in_threadpool(self._log.select, chosen))
            told = await run_in_threadpool(self._events.told, found, asked)
            for each in told:
                yield frame(each["type"], ENCODER.encode(each), each["position"])
            position = found[-1].position if len(found) == BATCH else head
            yield mark(position)


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
        yield _BEGIN
        quiet = 0.0
        while True:
            reached = await self.progress.beyond(name, position)
            if reached <= position:
                quiet += self.progress.patience
                if quiet >= KEEP_ALIVE_SECONDS:
                    yield _STILL_THERE
                    quiet = 0.0
                continue
            chosen = Selection(types=types, after=position, upto=reached, limit=BATCH)
            found = list(await run_in_threadpool(self.log.select, chosen))
            events = await run_in_threadpool(self._decoded, found)
            for each in await self._changed(name, events, query):
                yield each
            position = found[-1].position if len(found) == BATCH else reached
            yield mark(position)

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
