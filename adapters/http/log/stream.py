"""`GET /events/stream`: the log as it grows, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from adapters.http.log.events import FILTERS, Events, Wanted, wanted
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
from adapters.postgres.serve.progress import Head
from streams.ports import Log


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
        yield BEGIN
        while True:
            head = await self._head.beyond(position, KEEP_ALIVE_SECONDS)
            if head <= position:
                yield KEEP_ALIVE
                continue
            chosen = asked.selection(position, head, BATCH)
            found = list(await run_in_threadpool(self._log.select, chosen))
            told = await run_in_threadpool(self._events.told, found, asked)
            for each in told:
                yield frame(each["type"], ENCODER.encode(each), each["position"])
            position = found[-1].position if len(found) == BATCH else head
            yield position_frame(position)
