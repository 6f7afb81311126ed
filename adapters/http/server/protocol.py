"""HTTP/1.1 over one connection: uvicorn's protocol, with bounds on bytes and seconds, and a problem for what is not HTTP."""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from typing import Any, cast

import httptools
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from adapters.http.protocol.problems import Problem
from adapters.http.server.connections import Connections

LINGER_SECONDS = 1.0
"""How long what a refused client still sends is thrown away: closed at once, it would not get to read the answer."""


class _State(Enum):
    """What the connection has of a request."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()
    WHOLE = auto()
    LINGERING = auto()


class BoundedProtocol(HttpToolsProtocol):
    """A connection that holds the limits of its server."""

    def __init__(self, *args: Any, connections: Connections, **named: Any) -> None:
        super().__init__(*args, **named)
        self._all, self._limits = connections, connections.limits
        self._answer, self.app = self.app, self._paced
        self._state = _State.NOTHING
        self._framing, self._moved = 0, False
        self._since, self._received = 0.0, 0
        self._unread_since, self._unread = 0.0, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Take the connection in, or answer that there is no place for it."""
        super().connection_made(transport)
        self._since = self.loop.time()
        if not self._all.add(self, self.loop):
            detail = f"{self._limits.connections} connections are open, and all have a request"
            self._refuse(Problem(503, "too-many-connections", "Too many connections", detail, retry_after=1))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._all.remove(self)
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    # What comes in

    def data_received(self, data: bytes) -> None:
        """Parse in pieces, so that no more is kept of what is not a body than may be."""
        self._unset_keepalive_if_required()
        rest = memoryview(data)
        while rest and self._state is not _State.LINGERING and not self.transport.is_closing():
            piece = rest[: self._limits.head_bytes + 1 - self._framing]
            rest = rest[len(piece) :]
            self._received += len(piece)
            self._moved = False
            self._parse(piece)
            self._framing = 0 if self._moved else self._framing + len(piece)
            if self._framing > self._limits.head_bytes:
                detail = f"the head of a request has at most {self._limits.head_bytes} bytes"
                self._refuse(Problem(431, "head-too-large", "Request header fields too large", detail))

    def _parse(self, piece: memoryview) -> None:
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserInvalidURLError:
            detail = "the address has characters that have to be percent-encoded"
            self._refuse(Problem(400, "bad-address", "Bad address", detail))
        except httptools.HttpParserUpgrade:
            self._moved = (
                True  # nothing that clients upgrade to is spoken here: the request is answered as it is
            )
        except httptools.HttpParserError:
            self._refuse(Problem(400, "not-http", "Not HTTP", "this is not a request of HTTP/1.1"))

    def on_message_begin(self) -> None:  # noqa: D102 - the parser's own
        super().on_message_begin()
        self._state, self._moved, self._since = _State.HEAD, True, self.loop.time()

    def on_headers_complete(self) -> None:  # noqa: D102 - the parser's own
        super().on_headers_complete()
        self._state, self._since, self._received = _State.BODY, self.loop.time(), 0

    def on_body(self, body: bytes) -> None:  # noqa: D102 - the parser's own
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:  # noqa: D102 - the parser's own
        self._state, self._moved = _State.WHOLE, True
        self._all.work(self)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, from now on, unless it has come already."""
        super().on_response_complete()
        if self._state is _State.WHOLE and self.cycle.response_complete:
            self._state, self._since = _State.NOTHING, self.loop.time()
            self._all.wait(self)

    # What goes out

    async def _paced(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; it makes more of an answer only once the client has read what it has."""

        async def send_and_wait(message: Message) -> None:
            await send(message)
            if message.get("more_body"):
                await (asyncio.sleep(0) if self.transport.is_closing() else self.flow.drain())

        await self._answer(scope, receive, send_and_wait)

    def pause_writing(self) -> None:
        """Note that the client does not keep up."""
        super().pause_writing()
        self._unread_since, self._unread = self.loop.time(), self.unsent
        self._all.stall(self)

    def resume_writing(self) -> None:
        """Note that the client has read again."""
        super().resume_writing()
        self._all.flow(self)

    # The bounds

    @property
    def unsent(self) -> int:
        """How many bytes wait for the client."""
        return self.transport.get_write_buffer_size()

    def check(self, now: float) -> None:
        """Close the connection if its client is too slow: with the head or the body of a request, or in reading."""
        if self.flow.write_paused and now - self._unread_since > self._limits.unread_seconds:
            if self.unsent >= self._unread:
                self.drop()
                return
            self._unread_since, self._unread = now, self.unsent
        if self._state is _State.NOTHING and now - self._since > self._limits.head_seconds:
            self.transport.close()
        elif self._state is _State.HEAD and now - self._since > self._limits.head_seconds:
            self._time_out("the head of a request")
        elif self._state is _State.BODY and now - self._since > self._limits.body_seconds:
            if self._received < self._limits.body_bytes and not self.flow.read_paused:
                self._time_out("the body of a request")
            else:
                self._since, self._received = now, 0

    def drop(self) -> None:
        """Close the connection at once, with what waits in it."""
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer with a problem instead of uvicorn's plain text."""
        self._refuse(Problem(400, "not-http", "Not HTTP", msg))

    def _time_out(self, what: str) -> None:
        self._refuse(Problem(408, "too-slow", "Request timeout", f"{what} has not come in time"))

    def _refuse(self, problem: Problem) -> None:
        """Answer with a problem, if no other answer is due before it, and close the connection."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        if cycle is not None and not cycle.response_complete:
            if self._state is not _State.BODY or cycle.response_started:
                self.transport.close()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self._state = _State.LINGERING
        self._all.work(self)
        self.transport.write(self._encoded(problem))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _encoded(self, problem: Problem) -> bytes:
        response = problem.response()
        fields = [*self.server_state.default_headers, *response.raw_headers, (b"connection", b"close")]
        head = b"".join(b"%b: %b\r\n" % each for each in fields)
        return STATUS_LINE[response.status_code] + head + b"\r\n" + bytes(response.body)
