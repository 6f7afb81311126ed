"""Those who read a stream: each holds a connection and is told of every change, so there is room for so many only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from prometheus_client import Gauge
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from adapters.http.protocol.problems import Problem

RETRY_SECONDS = 5


class Subscribers:
    """Room for `most` readers of streams at a time; `gauge` tells how many there are."""

    def __init__(self, most: int, gauge: Gauge) -> None:
        self._most, self._gauge, self._count = most, gauge, 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one more while it reads. Raises Problem where there is no room."""
        if self._count >= self._most:
            detail = f"{self._most} streams are being read, and there is no room for more"
            raise Problem(
                503, "too-many-subscribers", "Too many subscribers", detail, retry_after=RETRY_SECONDS
            )
        self._count += 1
        self._gauge.inc()
        try:
            yield
        finally:
            self._count -= 1
            self._gauge.dec()

    def stream(self, frames: AsyncIterator[bytes]) -> StreamingResponse:
        """Answer with server-sent events that no proxy should hold back."""
        return _Stream(self, frames)


class _Stream(StreamingResponse):
    """A stream that takes its room when it begins, and gives it back however it ends."""

    def __init__(self, subscribers: Subscribers, frames: AsyncIterator[bytes]) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(frames, media_type="text/event-stream", headers=headers)
        self._subscribers = subscribers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body"})
            return
        with self._subscribers.one():
            await super().__call__(scope, receive, send)
