"""Server-sent events: frames, and where a client resumes."""

from __future__ import annotations

from starlette.requests import Request

from adapters.http.protocol import grammar

KEEP_ALIVE_SECONDS = 15.0
"""A silent stream sends a comment this often: proxies commonly close a connection after 30 s or 60 s of silence."""

BATCH = 500
"""Events read from the log at once for a stream that catches up: large enough to be quick, small enough to be held."""

BEGIN = b"retry: 1000\n\n"
KEEP_ALIVE = b":\n\n"


def frame(event: str, data: bytes, number: int | None = None) -> bytes:
    """Return one event of a stream; JSON has no line breaks, so its data is one line."""
    id_ = b"" if number is None else b"id: %d\n" % number
    return b"%sevent: %s\ndata: %s\n\n" % (id_, event.encode(), data)


def position_frame(number: int) -> bytes:
    """Return a frame that only moves the client's Last-Event-ID."""
    return b"id: %d\n\n" % number


def resumed(request: Request) -> int | None:
    """Return the position up to which the client has read, None if its request has no Last-Event-ID."""
    last = request.headers.get("last-event-id")
    return None if last is None else grammar.integer("Last-Event-ID", last)
