"""`GET /explain/<model>/{key}`: which event last set which field of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.protocol.cache import FRESH
from adapters.http.protocol.grammar import parse, value
from adapters.http.protocol.media import ENCODER, JSON
from adapters.http.protocol.path import segments
from adapters.http.protocol.problems import Problem
from adapters.http.rows.records import Opener
from adapters.postgres.serve.fetch import Rows
from adapters.postgres.serve.query import Query
from adapters.postgres.serve.tables import LiveTable, Tables
from adapters.wire.explained import told
from streams.history.explain import explain
from streams.ports import Codec, Log

OPTIONS = ("known_at", "true_at", "sealed")


class Explanations(Struct):
    """Explains rows by folding their histories step by step."""

    log: Log
    codec: Codec
    rows: Rows
    tables: Tables
    opener: Opener

    async def answer(self, request: Request) -> Response:
        """Answer with each field's value and the event that last set it."""
        live = self.tables[request.path_params["model"]]
        query = parse(request.scope["query_string"], live, OPTIONS, filters=False)
        parts = segments(request, 2)
        if len(parts) != len(live.key):
            named = "/".join(live.key)
            raise Problem(
                404, "unknown-address", "Unknown address", f"a row of {live.name} is named by {named}"
            )
        key = tuple(value(name, text, live) for name, text in zip(live.key, parts, strict=True))
        found = await run_in_threadpool(self._explain, live, key, query)
        if found is None:
            roots = await self.rows.roots(live.model.fold.tag, [key[0]])
            if key[0] in roots:
                key = (roots[key[0]], *key[1:])
                found = await run_in_threadpool(self._explain, live, key, query)
        if found is None:
            named = "/".join(map(str, key))
            detail = (
                f"{live.name} had no row {named} then" if query.past else f"{live.name} has no row {named}"
            )
            raise Problem(404, "no-such-row", "No such row", detail)
        body = {"model": live.name, "key": dict(zip(live.key, key, strict=True)), "fields": found}
        return Response(ENCODER.encode(body), media_type=JSON, headers={"cache-control": FRESH})

    def _explain(self, live: LiveTable, key: Sequence[Any], query: Query) -> dict[str, Any] | None:
        found = explain(
            self.log, self.codec, live.model, tuple(key), known_at=query.known_at, true_at=query.true_at
        )
        return None if found is None else told(found, None if query.sealed else self.opener.open_batch)
