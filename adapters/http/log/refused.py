"""`GET /refused`: the messages of the inbox that are not in the log, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import structs
from psycopg import errors
from psycopg.rows import class_row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.protocol import grammar
from adapters.http.protocol.grammar import refuse
from adapters.http.protocol.problems import Problem
from adapters.http.rows.records import ENCODER, JSON, Opener
from adapters.kafka.refused.topic import told
from adapters.postgres.refused import SELECT, RefusedRow, RefusedSelection
from adapters.postgres.serve.sql import decode_cursor, encode_cursor_of
from adapters.postgres.serve.tables import Pool
from streams.ports import Log


def _place(name: str, text: str) -> int:
    found = decode_cursor(text)
    if type(found) is not int or not 0 <= found <= grammar.LARGEST_INTEGER:
        refuse(name, "the cursor is broken: take it from `next`")
    return found


_PARSERS: Mapping[str, Callable[[str, str], Any]] = {
    "code": grammar.plain,
    "source": grammar.plain,
    "retried": grammar.boolean,
    "limit": grammar.limit,
    "cursor": _place,
    "sealed": grammar.boolean,
}


class Refused:
    """Answers queries about the refused messages of an inbox; without one there is no message bus."""

    def __init__(self, pool: Pool, inbox: str, log: Log, opener: Opener) -> None:
        self._pool, self._inbox, self._log, self._opener = pool, inbox, log, opener

    async def answer(self, request: Request) -> Response:
        """Answer `GET /refused`."""
        asked = _asked(request.scope["query_string"])
        if not self._inbox:
            detail = "PUJIANG_KAFKA is not set: there is no inbox, and nothing was refused"
            raise Problem(404, "no-bus", "No message bus", detail)
        sealed, after = asked.pop("sealed", False), asked.pop("cursor", -1)
        wanted = RefusedSelection(after=after, **{"limit": grammar.DEFAULT_LIMIT, **asked})
        rows = await self._rows(structs.replace(wanted, limit=wanted.limit + 1))
        page, following, headers = rows[: wanted.limit], None, {}
        if len(rows) > wanted.limit:
            following = encode_cursor_of(page[-1].place)
            headers["link"] = f'<{request.url.include_query_params(cursor=following)}>; rel="next"'
        items = await run_in_threadpool(told, self._log, None if sealed else self._opener, page)
        return Response(ENCODER.encode({"items": items, "next": following}), media_type=JSON, headers=headers)

    async def _rows(self, wanted: RefusedSelection) -> list[RefusedRow]:
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(RefusedRow))
            try:
                await cursor.execute(SELECT, wanted.parameters(self._inbox))
            except (errors.UndefinedTable, errors.InvalidSchemaName):
                return []  # nothing was ever read of the topic
            return await cursor.fetchall()


def _asked(query: bytes) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for name, text in grammar.pairs(query):
        if name not in _PARSERS:
            refuse(name, f"refused messages know no parameter {name!r}", parameters=sorted(_PARSERS))
        if name in asked:
            refuse(name, f"{name} stands twice")
        asked[name] = _PARSERS[name](name, text)
    return asked
