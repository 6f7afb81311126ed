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
            frames, position = await self._batch(caller, query, position, head)
            yield frames
            del frames  # the client may take long

    async def _batch(self, caller: Caller, query: EventQuery, after: int, head: int) -> tuple[bytes, int]:
        """Return frames of events up to a head, and the position up to which these are."""
        async with self.subscribers.making:
            chosen = query.selection(after, head, BATCH)
            found = await run_in_threadpool(self.disclosed.select, caller, chosen)
            events = await run_in_threadpool(self.events.cloudevents, caller, found, query)
            position = found[-1].position if len(found) == BATCH else head
            frames = [frame(each["type"], ENCODER.encode(each), each["position"]) for each in events]
            return b"".join((*frames, position_frame(position))), position
