"""The HTTP of Confluent's registry: the bodies that it accepts, its media type, its pages, its errors."""

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
from adapters.wire.bad_input import UNREADABLE, BadInput
from adapters.wire.members import members

ACCEPTED = frozenset({REGISTRY, "application/vnd.schemaregistry+json", JSON, "application/octet-stream"})
"""The media types that Confluent's registry accepts in a request."""

MOST_BYTES = 1024 * 1024
"""The largest body, in bytes: far more than any schema of ours."""

T = TypeVar("T")

log = structlog.get_logger()


def text_of(contract: Contract) -> str:
    """Return a contract's schema as text."""
    return ENCODER.encode(contract.schema).decode()


def object_of(contract: Contract) -> dict[str, Any]:
    """Return a contract as an object for JSON."""
    return {
        "subject": contract.full_name,
        "version": contract.version,
        "id": contract.id,
        "schemaType": SCHEMA_TYPE,
        "schema": text_of(contract),
    }


async def candidate(request: Request) -> Candidate:
    """Return the schema in the body. Raises RegistryRefusal."""
    essence = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if essence not in ACCEPTED:
        raise RegistryRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the schema as {REGISTRY} or {JSON}")
    body = await read_body(request, MOST_BYTES)
    try:
        found = msgspec.json.decode(body, type=Candidate)
        members(body)
    except BadInput as error:
        raise RegistryRefusal(HTTPStatus.BAD_REQUEST, str(error)) from error
    except msgspec.ValidationError as error:
        raise RegistryRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"the body: {error}") from error
    except UNREADABLE as error:
        raise RegistryRefusal(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error}") from error
    return found


def flag(request: Request, name: str) -> bool:
    """Return whether a flag is set; clients spell it as their language does, such as `True`."""
    return request.query_params.get(name, "").lower() == "true"


def page(request: Request, found: Sequence[T]) -> Sequence[T]:
    """Return the part given by `offset` and `limit`; a negative limit means all. Raises RegistryRefusal."""
    offset, limit = _whole(request, "offset", 0), _whole(request, "limit", -1)
    rest = found[max(offset, 0) :]
    return rest if limit < 0 else rest[:limit]


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    try:
        return msgspec.convert(text, int, strict=False)
    except msgspec.ValidationError as error:
        raise RegistryRefusal(HTTPStatus.BAD_REQUEST, f"{name} must be an integer") from error


def answer(request: Request, body: Any, status: int = HTTPStatus.OK) -> Response:
    """Answer in the registry's media type, or in plain JSON if the client accepts nothing else."""
    accept = request.headers.get("accept", "")
    plain = JSON in accept and "vnd.schemaregistry" not in accept
    return Response(ENCODER.encode(body), status_code=status, media_type=JSON if plain else REGISTRY)


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
            return _error(request, 400, 400, "the connection was closed before the whole body was received")
    found.headers.update(headers or {})
    return found


async def _fault(request: Request, error: Exception) -> Response:
    log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    return _error(request, 500, STORE_FAULT, "an unexpected error, which has been logged")


HANDLERS: Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    **dict.fromkeys((RegistryRefusal, Problem, HTTPException, ClientDisconnect), _refused),
    Exception: _fault,
}
"""For the `exception_handlers` of the registry's application."""
