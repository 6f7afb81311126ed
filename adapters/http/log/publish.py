"""`POST /events`: takes events in, with a verdict on each; what is answered as recorded is durable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from adapters.door.door import Door
from adapters.http.protocol import grammar
from adapters.http.protocol.body import read_body
from adapters.http.protocol.media import JSON
from adapters.http.protocol.problems import Problem
from adapters.wire.cloudevent import BATCH, BINARY, STRUCTURED, is_json
from adapters.wire.http_binding import HEADER
from streams.publish import request as flow
from streams.publish.committer import Committer
from streams.publish.request import IdentityConflict, Recorded, Refusal

MOST_BYTES = 16 * 1024 * 1024
"""The largest body, in bytes: a batch of tens of thousands of events."""

INLINE_BYTES = 16 * 1024
"""Bodies larger than this, in bytes, are decoded in a worker thread, to keep the event loop responsive."""

DECODING_THREADS = 2
"""More threads would only contend for the interpreter lock."""

PUBLISHABLE = f"{STRUCTURED}, {BATCH}, {BINARY}"

Decode = Callable[[bytes], flow.Request]


class Publications:
    """Publishes one event or a batch, and answers with a verdict on each."""

    def __init__(self, door: Door, committer: Committer, *, most_bytes: int = MOST_BYTES) -> None:
        self._door, self._committer, self._most_bytes = door, committer, most_bytes
        self._threads = CapacityLimiter(DECODING_THREADS)

    async def answer(self, request: Request) -> Response:
        """Publish, and answer with the verdicts."""
        flags = _flags(request)
        batch, decode = _mode(request, self._door)
        body = await read_body(request, self._most_bytes)
        if len(body) > INLINE_BYTES:
            wanted = await to_thread.run_sync(decode, body, limiter=self._threads)
        else:
            wanted = decode(body)
        wanted.atomic, wanted.dry_run = flags["atomic"], flags["dry_run"]
        settled = await asyncio.wrap_future(self._committer.submit(wanted))
        return _batch_answer(settled) if batch else _single_answer(settled)


def _flags(request: Request) -> Mapping[str, bool]:
    flags = {"atomic": False, "dry_run": False}
    for name, text in request.query_params.multi_items():
        if name not in flags:
            grammar.refuse(name, f"unknown parameter {name!r}", parameters=sorted(flags))
        flags[name] = grammar.boolean(name, text)
    return flags


def _mode(request: Request, door: Door) -> tuple[bool, Decode]:
    """Return whether the body is a batch, and what decodes it, by its content type."""
    content_type = request.headers.get("content-type", "")
    essence, _, parameters = content_type.partition(";")
    essence = essence.strip().lower()
    if request.headers.get("content-encoding", "identity") != "identity" or not _is_utf8(parameters):
        raise _unsupported("send the body in UTF-8, without a content encoding")
    if essence == STRUCTURED:
        return False, door.single
    if essence == BATCH:
        return True, door.batch
    if (not essence or is_json(essence)) and HEADER + "specversion" in request.headers:
        return False, partial(door.binary, request.headers.raw)
    raise _unsupported(
        f"send {STRUCTURED}, {BATCH}, or {BINARY} with the attributes as headers, such as {HEADER}specversion"
    )


def _is_utf8(parameters: str) -> bool:
    found = parameters.strip().lower().replace('"', "")
    return not found.startswith("charset=") or found == "charset=utf-8"


def _unsupported(detail: str) -> Problem:
    return Problem(
        415, "unsupported-media-type", "Unsupported media type", detail, headers={"accept-post": PUBLISHABLE}
    )


def _batch_answer(settled: flow.Request) -> Response:
    verdicts = settled.verdicts
    if not settled.atomic:
        return _json(HTTPStatus.OK, {"verdicts": verdicts})
    if settled.failed:
        raise Problem(
            422,
            "not-admitted",
            "Not admitted",
            "an event of the atomic request was refused or clashes; nothing was written",
            verdicts=verdicts,
        )
    return _json(HTTPStatus.OK if settled.dry_run else HTTPStatus.CREATED, {"verdicts": verdicts})


def _single_answer(settled: flow.Request) -> Response:
    (found,) = settled.verdicts
    match found:
        case Recorded(position):
            where = {"location": f"/events/{position}"}
            return _json(HTTPStatus.CREATED, found, where)
        case Refusal(code, sentence, rule):
            raise Problem(422, code, "Refused", sentence, rule=rule)
        case IdentityConflict(position):
            detail = "another event was published under this source and id before"
            raise Problem(409, "clash", "Identity taken by another event", detail, position=position)
    return _json(HTTPStatus.OK, found)


def _json(status: HTTPStatus, body: Any, headers: Mapping[str, str] = {}) -> Response:
    return Response(msgspec.json.encode(body), status_code=status, headers=dict(headers), media_type=JSON)
