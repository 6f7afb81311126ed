"""`GET /events/stream`: the log as it grows, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from adapters.http.disclosure.caller import Caller, caller_of
from adapters.http.disclosure.events import LogEvents
from adapters.http.log.events import Events
from adapters.http.log.query import FILTERS, EventQuery, parse
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
from adapters.postgres.serve.log_head import LogHead


class EventStream(Struct):
    """Sends the events of the log after a position, and then those that follow."""

    disclosed: LogEvents
    events: Events
    head: LogHead
    subscribers: Subscribers

    async def answer(self, request: Request) -> StreamingResponse:
        """Answer with the events after `Last-Event-ID` or `after`, else with those to come."""
        query = parse(request.scope["query_string"], FILTERS)
        after = resumed(request)
        if after is None:
            given = "after" in request.query_params
            after = query.after if given else await run_in_threadpool(self.disclosed.head)
        return self.subscribers.stream(self._frames(caller_of(request), query, after))

    async def _frames(self, caller: Caller, query: EventQuery, position: int) -> AsyncIterator[bytes]:
        yield BEGIN
        while True:
            head = await self.head.beyond(position, KEEP_ALIVE_SECONDS)
            if head <= position:
                yield KEEP_ALIVE
                continue
            chosen = query.selection(position, head, BATCH)
            found = await run_in_threadpool(self.disclosed.select, caller, chosen)
            for each in await run_in_threadpool(self.events.cloudevents, caller, found, query):
                yield frame(each["type"], ENCODER.encode(each), each["position"])
            position = found[-1].position if len(found) == BATCH else head
            yield position_frame(position)
