"""The body of a request, read up to a limit."""

from __future__ import annotations

from starlette.requests import Request

from adapters.http.protocol.problems import Problem


async def read_body(request: Request, most: int) -> bytes:
    """Return the body. Raises Problem as soon as it has more than `most` bytes."""
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length) > most:
        raise _too_large(most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> Problem:
    return Problem(
        413, "too-large", "Too large", f"a request has at most {most} bytes", headers={"connection": "close"}
    )
