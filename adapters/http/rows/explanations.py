"""`GET /explain/<model>/{key}`: which event last set which field of a row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.disclosure.caller import Caller, caller_of
from adapters.http.disclosure.disclosure import Disclosure
from adapters.http.protocol.cache import FRESH
from adapters.http.protocol.grammar import parse
from adapters.http.protocol.media import ENCODER, JSON
from adapters.http.protocol.row_key import no_such_row, read_key
from adapters.postgres.serve.query import Query
from adapters.postgres.serve.tables import LiveTable

OPTIONS = ("known_at", "true_at", "sealed")


class Explanations(Struct):
    """Explains rows by folding their histories step by step."""

    disclosure: Disclosure

    async def answer(self, request: Request) -> Response:
        """Answer with each field's value and the event that last set it."""
        caller, disclosed = caller_of(request), self.disclosure.rows
        live = disclosed.table(caller, request.path_params["model"])
        query = parse(request.scope["query_string"], live, OPTIONS, filters=False)
        key = read_key(request, live, 2)
        found = await self._explained(caller, live, key, query)
        if found is None:
            roots = await disclosed.roots(caller, live.model.fold.tag, [key[0]])
            if key[0] in roots:
                key[0] = roots[key[0]]
                found = await self._explained(caller, live, key, query)
        if found is None:
            raise no_such_row(live, key, past=query.past)
        body = {"model": live.name, "key": dict(zip(live.key, key, strict=True)), "fields": found}
        return Response(ENCODER.encode(body), media_type=JSON, headers={"cache-control": FRESH})

    async def _explained(
        self, caller: Caller, live: LiveTable, key: Sequence[Any], query: Query
    ) -> dict[str, Any] | None:
        explained = partial(
            self.disclosure.histories.explained,
            known_at=query.known_at,
            true_at=query.true_at,
            sealed=query.sealed,
            whole=await self.disclosure.rows.held(caller, live, key[0]),
        )
        return await run_in_threadpool(explained, caller, live.model, tuple(key))
