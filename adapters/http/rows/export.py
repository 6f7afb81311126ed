"""`GET /<model>/export`: a whole read model as JSON Lines, which its stream continues."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import StreamingResponse

from adapters.http.disclosure.caller import Caller, caller_of
from adapters.http.disclosure.disclosure import Disclosure
from adapters.http.protocol.grammar import parse
from adapters.http.protocol.media import JSON_LINES
from adapters.postgres.serve.bookmarks import Bookmarks
from adapters.postgres.serve.query import Query
from adapters.postgres.serve.tables import LiveTable

OPTIONS = ("fields", "sealed", "wait_for")


class Export(Struct):
    """Reads a live table in stretches of keys, each in a transaction of its own.

    Every row is at least as new as the position in the headers; the stream has what changed after it.
    """

    disclosure: Disclosure
    bookmarks: Bookmarks

    async def answer(self, request: Request) -> StreamingResponse:
        """Answer with all rows, in order of their keys."""
        caller, disclosed = caller_of(request), self.disclosure.rows
        live = disclosed.table(caller, request.path_params["model"])
        query = parse(request.scope["query_string"], live, OPTIONS, filters=False)
        if query.wait_for is not None:
            await self.bookmarks.reach(live.name, query.wait_for)
        position = await self.bookmarks.position(live.name)
        live = disclosed.table(caller, live.name)
        headers = {
            "pujiang-position": str(position),
            "link": f'</{live.name}/stream?after={position}>; rel="next"',
            "cache-control": "no-store",
        }
        return StreamingResponse(self._lines(caller, live, query), media_type=JSON_LINES, headers=headers)

    async def _lines(self, caller: Caller, live: LiveTable, query: Query) -> AsyncIterator[bytes]:
        shown = tuple(dict.fromkeys((*query.fields, "position"))) if query.fields else tuple(live.columns)
        names = tuple(dict.fromkeys((*shown, *live.key)))
        records = self.disclosure.rows.records(live, names, len(shown), sealed=query.sealed)
        async for stretch in self.disclosure.rows.walk(caller, live, names):
            yield b"".join(bytes(each) + b"\n" for each in await records.all(caller, stretch))
