"""`GET /<model>/stream`: the rows of a read model as they change, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from adapters.http.disclosure.caller import Caller, caller_of
from adapters.http.disclosure.disclosure import Disclosure
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
from adapters.postgres.serve import sql
from adapters.postgres.serve.bookmarks import Bookmarks
from adapters.postgres.serve.tables import LiveTable
from events.catalogue import names
from events.entry import Stored, key
from events.event import Event
from projections.read_model import Key, tag_values
from streams.history.version import rewrites_rows, subscription
from streams.ports import Selection, Undecodable


class RowStream(Struct):
    """Follows the log for what changes rows, and sends these rows as they are now."""

    disclosure: Disclosure
    bookmarks: Bookmarks
    subscribers: Subscribers

    async def answer(self, request: Request) -> StreamingResponse:
        """Answer with the rows changed after `Last-Event-ID` or `after`, else with those that change from now on."""
        caller = caller_of(request)
        live = self.disclosure.rows.table(caller, request.path_params["model"])
        options = dict(grammar.pairs(request.scope["query_string"]))
        for name in options:
            if name not in ("after", "sealed"):
                grammar.refuse(name, f"unknown parameter {name!r}", parameters=("after", "sealed"))
        sealed = grammar.boolean("sealed", options.get("sealed", "false"))
        after = resumed(request)
        if after is None and "after" in options:
            after = grammar.integer("after", options["after"])
        if after is None:
            after = await self.bookmarks.position(live.name)
        return self.subscribers.stream(self._frames(caller, live.name, after, sealed=sealed))

    async def _frames(
        self, caller: Caller, model: str, position: int, *, sealed: bool
    ) -> AsyncIterator[bytes]:
        live = self.disclosure.rows.table(caller, model)
        types = tuple(key(names()[each]) for each in subscription(live.model))
        yield BEGIN
        quiet = 0.0
        while True:
            reached = await self.bookmarks.beyond(model, position)
            if reached <= position:
                quiet += self.bookmarks.patience
                if quiet >= KEEP_ALIVE_SECONDS:
                    yield KEEP_ALIVE
                    quiet = 0.0
                continue
            chosen = Selection(types=types, after=position, upto=reached, limit=BATCH)
            frames, position = await self._batch(caller, model, chosen, reached, sealed=sealed)
            yield frames
            del frames  # the client may take long

    async def _batch(
        self, caller: Caller, model: str, chosen: Selection, reached: int, *, sealed: bool
    ) -> tuple[bytes, int]:
        """Return frames of the rows that chosen events have changed, and the position up to which these are."""
        async with self.subscribers.making:
            found = await run_in_threadpool(self.disclosure.events.select, caller, chosen)
            events = await run_in_threadpool(self._decoded, found)
            read = partial(self._changed, caller, events, sealed=sealed)
            frames = await self.disclosure.rows.answered(caller, model, read) if events else []
            position = found[-1].position if len(found) == BATCH else reached
            return b"".join((*frames, position_frame(position))), position

    def _decoded(self, found: Sequence[Stored]) -> list[Event]:
        """Decode entries; those that cannot be decoded are quarantined, and have changed no row."""
        decoded = self.disclosure.events.decoded(found)
        return [event for _, event in decoded if not isinstance(event, Undecodable)]

    async def _changed(
        self, caller: Caller, events: Sequence[Event], live: LiveTable, *, sealed: bool
    ) -> list[bytes]:
        """Return frames of the rows that events have changed, as they are now, and of those that are gone."""
        disclosed, columns = self.disclosure.rows, tuple(live.columns)
        keys, renamed = await self._touched(caller, live, events)
        rows = await disclosed.fetch(caller, live, sql.rows(live, list(keys), columns)) if keys else []
        for value in renamed:
            rows += await disclosed.fetch(caller, live, sql.of_tag(live, value, columns))
        places = [columns.index(each) for each in live.key]
        there = {tuple(row[at] for at in places): row for row in rows}
        records = disclosed.records(live, columns, len(columns), sealed=sealed)
        changed = [frame("row", bytes(each)) for each in await records.all(caller, list(there.values()))]
        gone: list[Key] = [each for each in keys if each not in there]
        gone += [(value,) for value in renamed if not any(each[0] == value for each in there)]
        return [_removal(live, each) for each in gone] + changed

    async def _touched(
        self, caller: Caller, live: LiveTable, events: Sequence[Event]
    ) -> tuple[dict[Key, None], list[str]]:
        """Return the keys of the rows that events change, and the values whose rows all may have changed."""
        model, kind = live.model, live.model.fold.tag
        keys: dict[Key, None] = {}
        renamed: dict[str, None] = {}
        for event in events:
            if type(event) in model.fold.events:
                keys.update(dict.fromkeys(model.keys(event)))
            if rewrites_rows(model, event):
                renamed.update(dict.fromkeys(tag_values(event, kind)))
        values = list({each[0] for each in keys} | set(renamed))
        roots = await self.disclosure.rows.roots(caller, kind, values)
        merged = {(roots[each[0]], *each[1:]): None for each in keys if each[0] in roots}
        return keys | merged, list(renamed | {roots[each]: None for each in renamed if each in roots})


def _removal(live: LiveTable, row_key: Key) -> bytes:
    return frame("removed", ENCODER.encode(dict(zip(live.key, row_key, strict=False))))
