"""`GET /refused`: the messages of the inbox that were refused, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec import Struct, structs
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.disclosure.caller import caller_of
from adapters.http.disclosure.messages import RefusedMessages
from adapters.http.protocol import cursors, grammar
from adapters.http.protocol.media import ENCODER, JSON
from adapters.postgres.refused import RefusedQuery

_PARSERS: Mapping[str, Callable[[str, str], Any]] = {
    "code": grammar.plain,
    "source": grammar.plain,
    "retried": grammar.boolean,
    "limit": grammar.limit,
    "cursor": cursors.read_position,
    "sealed": grammar.boolean,
}


class Refusals(Struct):
    """Answers queries about the refused messages of an inbox."""

    disclosed: RefusedMessages

    async def answer(self, request: Request) -> Response:
        """Answer with a page of refused messages."""
        caller = caller_of(request)
        given = grammar.read_options(request.scope["query_string"], _PARSERS)
        sealed, after = given.pop("sealed", False), given.pop("cursor", -1)
        query = RefusedQuery(after=after, **given)
        rows = await self.disclosed.select(caller, structs.replace(query, limit=query.limit + 1))
        page, following, headers = rows[: query.limit], None, {}
        if len(rows) > query.limit:
            following = cursors.encode(page[-1].place)
            headers["link"] = f'<{request.url.include_query_params(cursor=following)}>; rel="next"'
        items = await run_in_threadpool(partial(self.disclosed.objects, caller, page, sealed=sealed))
        return Response(ENCODER.encode({"items": items, "next": following}), media_type=JSON, headers=headers)
