"""How Confluent's registry speaks HTTP: bodies that it takes, its media type, its pages, its errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapters.contracts.published import Contract
from adapters.contracts.registry import SCHEMA_TYPE, STORE_FAULT, Candidate, RegistryRefusal
from adapters.http.protocol.body import read_body
from adapters.http.protocol.media import ENCODER, JSON, REGISTRY
from adapters.http.protocol.problems import Problem
from adapters.wire.bad_input import UNREADABLE

TAKEN = frozenset({REGISTRY, "application/vnd.schemaregistry+json", JSON, "application/octet-stream"})
"""The media types in which Confluent's registry takes a body."""

MOST_BYTES = 1024 * 1024

T = TypeVar("T")

log = structlog.get_logger()


def text_of(contract: Contract) -> str:
    """Return a contract's schema as text."""
    return ENCODER.encode(contract.schema).decode()


def told_of(contract: Contract) -> dict[str, Any]:
    """Return a contract as it is told."""
    return {
        "subject": contract.full_name,
        "version": contract.version,
        "id": contract.id,
        "schemaType": SCHEMA_TYPE,
        "schema": text_of(contract),
    }


async def candidate(request: Request) -> Candidate:
    """Read the schema that a client sends. Raises RegistryRefusal."""
    essence = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if essence not in TAKEN:
        raise RegistryRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the schema as {REGISTRY} or {JSON}")
    try:
        return msgspec.json.decode(await read_body(request, MOST_BYTES), type=Candidate)
    except msgspec.ValidationError as error:
        raise RegistryRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"the body: {error}") from error
    except UNREADABLE as error:
        raise RegistryRefusal(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from error


def flag(request: Request, name: str) -> bool:
    """Tell whether a flag is set; clients write it in their own language's letters."""
    return request.query_params.get(name, "").lower() == "true"


def page(request: Request, found: Sequence[T]) -> Sequence[T]:
    """Cut out what `offset` and `limit` ask for; a limit below zero is none. Raises RegistryRefusal."""
    offset, limit = _whole(request, "offset", 0), _whole(request, "limit", -1)
    rest = found[max(offset, 0) :]
    return rest if limit < 0 else rest[:limit]


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    try:
        return msgspec.convert(text, int, strict=False)
    except msgspec.ValidationError as error:
        raise RegistryRefusal(HTTPStatus.BAD_REQUEST, f"{name} is a whole number") from error


def answer(request: Request, told: Any, status: int = HTTPStatus.OK) -> Response:
    """Answer in the registry's media type, or in plain JSON for who asks for nothing else."""
    accept = request.headers.get("accept", "")
    plain = JSON in accept and "vnd.schemaregistry" not in accept
    return Response(ENCODER.encode(told), status_code=status, media_type=JSON if plain else REGISTRY)


def _error(request: Request, status: int, code: int, message: str) -> Response:
    return answer(request, {"error_code": code, "message": message}, status)


async def _refused(request: Request, error: Exception) -> Response:
    match error:
        case RegistryRefusal(code=code, status=status):
            return _error(request, status, code, str(error))
        case Problem(status=status, detail=detail, headers=headers):
            found = _error(request, status, status, detail)
        case HTTPException(status_code=status, detail=detail, headers=headers):
            found = _error(request, status, status, detail)
        case _:
            return _error(request, 400, 400, "the connection was closed before all was sent")
    found.headers.update(headers or {})
    return found


async def _fault(request: Request, error: Exception) -> Response:
    log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    return _error(request, 500, STORE_FAULT, "this should not have happened; it has been noted")


HANDLERS: Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    **dict.fromkeys((RegistryRefusal, Problem, HTTPException, ClientDisconnect), _refused),
    Exception: _fault,
}
"""For the `exception_handlers` of the registry's application."""
