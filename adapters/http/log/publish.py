"""`POST /events`: events come in, each gets its verdict; what is told as recorded is durable."""

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
from starlette.routing import Route

from adapters.door.door import Door
from adapters.http.protocol.problems import Problem
from adapters.wire.cloudevent import BATCH, BINARY, HEADER, STRUCTURED, is_json
from streams.publish import request as flow
from streams.publish.committer import Committer
from streams.publish.request import IdentityConflict, Recorded, Refusal

MOST_BYTES = 16 * 1024 * 1024
"""The largest body that is read."""

INLINE_BYTES = 16 * 1024
"""Larger bodies are decoded in a worker thread, so that the loop stays live."""

DECODING_THREADS = 2

PUBLISHABLE = f"{STRUCTURED}, {BATCH}, {BINARY}"

Decode = Callable[[bytes], flow.Request]


def publish_routes(door: Door, committer: Committer, *, most_bytes: int = MOST_BYTES) -> list[Route]:
    """Return the route by which events are published."""
    threads = CapacityLimiter(DECODING_THREADS)

    async def publish(request: Request) -> Response:
        """Publish one event or a batch of them; refuse, repeat and clash are told for each."""
        flags = _flags(request)
        batch, decode = _mode(request, door)
        body = await read_body(request, most_bytes)
        if len(body) > INLINE_BYTES:
            asked = await to_thread.run_sync(decode, body, limiter=threads)
        else:
            asked = decode(body)
        asked.atomic, asked.dry_run = flags["atomic"], flags["dry_run"]
        settled = await asyncio.wrap_future(committer.submit(asked))
        return _batch_answer(settled) if batch else _single_answer(settled)

    return [Route("/events", publish, methods=["POST"])]


def _flags(request: Request) -> Mapping[str, bool]:
    flags = {"atomic": False, "dry_run": False}
    for name, text in request.query_params.multi_items():
        if name not in flags:
            detail = f"there is no parameter '{name}'; there are {', '.join(flags)}"
            raise Problem(400, "bad-parameter", "Bad parameter", detail, parameter=name)
        if text not in ("true", "false"):
            detail = f"{name} is true or false"
            raise Problem(400, "bad-parameter", "Bad parameter", detail, parameter=name)
        flags[name] = text == "true"
    return flags


def _mode(request: Request, door: Door) -> tuple[bool, Decode]:
    """Tell whether a batch is sent, and what decodes the body, by the content type."""
    told = request.headers.get("content-type", "")
    essence, _, parameters = told.partition(";")
    essence = essence.strip().lower()
    if request.headers.get("content-encoding", "identity") != "identity" or not _is_utf8(parameters):
        raise _unsupported("send the body as it is, in UTF-8")
    if essence == STRUCTURED:
        return False, door.single
    if essence == BATCH:
        return True, door.batch
    if is_json(essence) and HEADER + "specversion" in request.headers:
        return False, partial(door.binary, request.headers)
    raise _unsupported(
        f"send {STRUCTURED}, {BATCH}, or {BINARY} with {HEADER}specversion and its like as headers"
    )


def _is_utf8(parameters: str) -> bool:
    told = parameters.strip().lower().replace('"', "")
    return not told.startswith("charset=") or told == "charset=utf-8"


def _unsupported(detail: str) -> Problem:
    return Problem(
        415, "unsupported-media-type", "Not a CloudEvent", detail, headers={"accept-post": PUBLISHABLE}
    )


async def read_body(request: Request, most: int) -> bytes:
    """Read the body. Raises Problem where it has more bytes than `most`."""
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > most:
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


def _batch_answer(settled: flow.Request) -> Response:
    verdicts = settled.verdicts
    if not settled.atomic:
        return _json(HTTPStatus.OK, {"verdicts": verdicts})
    if settled.failed:
        raise Problem(
            422,
            "not-admitted",
            "Not admitted",
            "an event of the atomic request is refused or clashes; none of it was written",
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
            raise Problem(409, "clash", "Not the same event", detail, position=position)
    return _json(HTTPStatus.OK, found)


def _json(status: HTTPStatus, told: Any, headers: Mapping[str, str] = {}) -> Response:
    return Response(
        msgspec.json.encode(told), status_code=status, headers=dict(headers), media_type="application/json"
    )
