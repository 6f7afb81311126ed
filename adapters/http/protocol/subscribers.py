"""Subscribers of streams: each holds a connection and is sent every change, so their number is limited."""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from prometheus_client import Gauge
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from adapters.http.protocol.problems import Problem

MAKING = 4
"""How many streams make frames at a time: a batch of the largest events takes 30 MB."""
RETRY_SECONDS = 5
"""`Retry-After` if there are too many: streams last long, so asking again at once is in vain."""


class Subscribers:
    """Admits at most `most` subscribers at a time; `gauge` shows how many there are."""

    def __init__(self, most: int, gauge: Gauge) -> None:
        self._most, self._gauge, self._count = most, gauge, 0
        self.making = Semaphore(MAKING)
        """Held while frames are made: it limits how many batches are in memory before they reach a client."""

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one more while the block runs. Raises Problem if there are as many as may be."""
        if self._count >= self._most:
            detail = f"{self._most} streams are open, which is the most that may be"
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
    """A stream that is counted from when it begins until it ends, however it ends."""

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
