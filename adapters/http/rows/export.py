"""`GET /<model>/export`: a whole read model as JSON Lines, to be continued by its stream."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse

from adapters.http.protocol.grammar import parse
from adapters.http.protocol.media import JSON_LINES
from adapters.http.rows.records import Opener, Records
from adapters.postgres.serve.fetch import Rows
from adapters.postgres.serve.progress import Progress
from adapters.postgres.serve.query import Query
from adapters.postgres.serve.tables import LiveTable, Tables

OPTIONS = ("fields", "sealed", "wait_for")


class Export:
    """Reads a live table in stretches of keys, each in a transaction of its own.

    Every row is at least as new as the position that is told; what has changed since, the stream tells.
    """

    def __init__(self, tables: Tables, progress: Progress, rows: Rows, opener: Opener) -> None:
        self._tables, self._progress, self._rows, self._opener = tables, progress, rows, opener

    async def answer(self, request: Request) -> StreamingResponse:
        """Answer with all rows, in order of their keys."""
        live = self._tables[request.path_params["model"]]
        query = parse(request.scope["query_string"], live, OPTIONS, filters=False)
        if query.wait_for is not None:
            await self._progress.reach(live.name, query.wait_for)
        position = await self._progress.position(live.name)
        live = self._tables[live.name]
        headers = {
            "pujiang-position": str(position),
            "link": f'</{live.name}/stream?after={position}>; rel="next"',
            "cache-control": "no-store",
        }
        return StreamingResponse(self._lines(live, query), media_type=JSON_LINES, headers=headers)

    async def _lines(self, live: LiveTable, query: Query) -> AsyncIterator[bytes]:
        shown = tuple(dict.fromkeys((*query.fields, "position"))) if query.fields else tuple(live.columns)
        names = tuple(dict.fromkeys((*shown, *live.key)))
        records = Records(live, names, len(shown), None if query.sealed else self._opener)
        async for stretch in self._rows.walk(live, names):
            yield b"".join(bytes(each) + b"\n" for each in await records.all(stretch))
