"""Problem details (RFC 9457): the form of every error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from adapters.http.protocol.language import language_of, negotiated
from adapters.http.protocol.titles import CHINESE
from adapters.keys.fault import KeyStoreUnavailable
from adapters.postgres.serve.bookmarks import BeingFoldedAgain, BeyondTheLog, NotReached
from adapters.postgres.serve.pool import DatabaseUnavailable
from adapters.postgres.serve.tables import NoSuchModel, NotBuilt
from adapters.wire.bad_input import BadInput
from events.labels.table import Language, labels
from streams.history.then import TooLongToFold
from streams.ports import LogUnavailable
from streams.publish.committer import Overloaded

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1
"""`Retry-After` if a dependency is unavailable or slow: most such faults are over within a second."""

log = structlog.get_logger()


class Problem(Exception):
    """An error: its status, a code for machines, a title, and a sentence about this case.

    `retry_after` (seconds) and `headers` become headers; all other keywords become members.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.title, self.detail, self.more = status, code, title, detail, more
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["retry-after"] = str(retry_after)

    def response(self, language: Language = "en") -> Response:
        """Return the answer, with its title in a language."""
        body = {
            "type": f"urn:pujiang:problem:{self.code}",
            "title": self.title_in(language),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        return Response(
            msgspec.json.encode(body),
            status_code=self.status,
            headers={**self.headers, **negotiated(language)},
            media_type=MEDIA_TYPE,
        )

    def title_in(self, language: Language) -> str:
        """Return the title: the label of the code if a rule refuses, and otherwise that of the problem."""
        if "rule" in self.more and (label := labels(language).codes.get(self.code)):
            return label
        return CHINESE.get(self.title, self.title) if language == "zh" else self.title


def of_bad_input(error: BadInput) -> Problem:
    """Return the problem of invalid input: each fault with its code, sentence and JSON pointer."""
    first, count = error.faults[0], len(error.faults)
    detail = first.detail if count == 1 else f"{count} faults; the first: {first.detail}"
    code = first.code if count == 1 else "invalid"
    errors = [msgspec.structs.asdict(each) for each in error.faults]
    return Problem(error.status, code, "Invalid input", detail, errors=errors)


def _of_http(error: HTTPException) -> Problem:
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "-")
    nowhere = error.status_code == HTTPStatus.NOT_FOUND
    detail = "there is no such address: GET / lists all" if nowhere else error.detail
    return Problem(error.status_code, code, phrase, detail, headers=error.headers)


def _of_overload(error: Overloaded) -> Problem:
    return Problem(503, "overloaded", "Overloaded", str(error), retry_after=RETRY_SECONDS)


def _of_unavailable(error: LogUnavailable) -> Problem:
    return Problem(503, "log-unavailable", "Log unavailable", str(error), retry_after=RETRY_SECONDS)


def _of_database(error: DatabaseUnavailable) -> Problem:
    log.warning("database-unavailable", reason=str(error))
    detail = "the database is unavailable, full or too slow"
    return Problem(503, "database-unavailable", "Database unavailable", detail, retry_after=RETRY_SECONDS)


def _of_fault(_: Exception) -> Problem:
    return Problem(500, "fault", "Internal error", "an unexpected error, which has been logged")


def _of_keys(error: KeyStoreUnavailable) -> Problem:
    return Problem(503, "keys-unavailable", "Key store unavailable", str(error), retry_after=RETRY_SECONDS)


def _of_unknown_model(error: NoSuchModel) -> Problem:
    return Problem(404, "unknown-address", "Unknown address", str(error), read_models=error.models)


def _of_unbuilt_model(error: NotBuilt) -> Problem:
    return Problem(503, "not-built-yet", "Read model not built yet", str(error))


def _of_far_position(error: BeyondTheLog) -> Problem:
    return Problem(400, "beyond-the-log", "Position beyond the log", str(error), position=error.head)


def _of_late_model(error: NotReached) -> Problem:
    return Problem(
        503,
        "not-there-yet",
        "Position not reached yet",
        str(error),
        position=error.reached,
        retry_after=RETRY_SECONDS,
    )


def _of_refolding(error: BeingFoldedAgain) -> Problem:
    return Problem(503, "being-folded-again", "Being folded again", str(error), retry_after=RETRY_SECONDS)


def _of_long_history(error: TooLongToFold) -> Problem:
    return Problem(422, "too-long-to-fold", "Too long to fold", str(error))


def _of_disconnect(_: ClientDisconnect) -> Problem:
    return Problem(
        400, "cut-short", "Incomplete request", "the connection was closed before the whole body was received"
    )


_PROBLEMS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda error: error,
    BadInput: of_bad_input,
    ClientDisconnect: _of_disconnect,
    HTTPException: _of_http,
    KeyStoreUnavailable: _of_keys,
    Overloaded: _of_overload,
    LogUnavailable: _of_unavailable,
    NoSuchModel: _of_unknown_model,
    NotBuilt: _of_unbuilt_model,
    BeyondTheLog: _of_far_position,
    NotReached: _of_late_model,
    BeingFoldedAgain: _of_refolding,
    TooLongToFold: _of_long_history,
    DatabaseUnavailable: _of_database,
}


async def _answer(request: Request, error: Exception) -> Response:
    made = next(make for cls, make in _PROBLEMS.items() if isinstance(error, cls))
    return made(error).response(language_of(request.scope))


async def _answer_fault(request: Request, error: Exception) -> Response:
    log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    return _of_fault(error).response(language_of(request.scope))


async def _answer_method(request: Request, _: Exception) -> Response:
    """Answer with all methods of an address, which several routes may share."""
    routes = [each for each in request.app.routes if isinstance(each, Route)]
    here = [each for each in routes if each.matches(request.scope)[0] is not Match.NONE]
    methods = ", ".join(sorted({method for each in here for method in each.methods or ()}))
    detail = f"{request.method} is not allowed here: use {methods}"
    problem = Problem(405, "method-not-allowed", "Method not allowed", detail, headers={"allow": methods})
    return problem.response(language_of(request.scope))


HANDLERS: Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    **dict.fromkeys(_PROBLEMS, _answer),
    HTTPStatus.METHOD_NOT_ALLOWED: _answer_method,
    Exception: _answer_fault,
}
"""For Starlette's `exception_handlers`."""
