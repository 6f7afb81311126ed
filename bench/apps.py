"""`python -m bench.apps bare|rows PORT`: applications to compare with ours, in the same server configuration.

`bare` is Starlette and psycopg, with the statement that an item query runs; `rows` is our own application
over the students alone, for a log too long to build all its read models.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.http.app import create_app
from adapters.http.context import Context
from adapters.postgres.serve import sql
from adapters.postgres.serve.pool import POOL_SIZE
from adapters.postgres.serve.tables import LiveTables
from adapters.run.server import bind, run
from adapters.run.settings import read_settings
from adapters.run.site import site
from projections.catalogue import READ_MODELS

STUDENTS = tuple(each for each in READ_MODELS if each.name == "students")


class Bare:
    """Serves students one at a time, and nothing else."""

    def __init__(self, url: str) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]] = AsyncConnectionPool(
            url, kwargs={"autocommit": True}, min_size=2, max_size=POOL_SIZE, open=False
        )
        self._names: tuple[str, ...] = ()
        self._text = b""

    @asynccontextmanager
    async def running(self, _: Starlette) -> AsyncIterator[None]:
        async with self._pool:
            tables = LiveTables(self._pool, STUDENTS)
            await tables.refresh()
            live = tables["students"]
            self._names = tuple(live.columns)
            self._text = sql.item(live, (), self._names).text
            yield

    async def student(self, request: Request) -> Response:
        async with self._pool.connection() as connection:
            cursor = connection.cursor(binary=True)
            await cursor.execute(self._text, [request.path_params["person"]], prepare=True)
            row = await cursor.fetchone()
        if row is None:
            return Response(status_code=404)
        return Response(
            msgspec.json.encode(dict(zip(self._names, row, strict=True))), media_type="application/json"
        )

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/students/{person}", self.student)], lifespan=self.running)


def main(name: str, port: int) -> None:
    settings = read_settings()
    address = bind(settings.host, port)
    if name == "bare":
        run(Bare(settings.database_url or "").app(), settings, address, lambda: None)
        return
    with site(settings) as opened:
        context = Context(
            opened.log, opened.codec, opened.sealer, opened.url, settings.subscribers, models=STUDENTS
        )
        run(create_app(context), settings, address, lambda: None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
