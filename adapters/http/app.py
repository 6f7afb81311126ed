"""The HTTP application: the routes, what they stand on, and what runs beside them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from msgspec import Struct, field
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from adapters.contracts.published import Contract, published
from adapters.http.describe.pages import Pages
from adapters.http.guard import Guard
from adapters.http.log.certificates import Certificates, Sign
from adapters.http.log.events import Events
from adapters.http.log.proof import Proof
from adapters.http.log.receipts import Receipts
from adapters.http.log.refused import Refused
from adapters.http.log.stream import EventStream
from adapters.http.log.witness import witness_routes
from adapters.http.observe import Metrics, Observe
from adapters.http.protocol import problems
from adapters.http.protocol.subscribers import Subscribers
from adapters.http.registry.api import registry_mount
from adapters.http.rows.evidence import Witnessed
from adapters.http.rows.explanations import Explanations
from adapters.http.rows.export import Export
from adapters.http.rows.past import Past
from adapters.http.rows.queries import Queries
from adapters.http.rows.records import Opener
from adapters.http.rows.stream import RowStream
from adapters.postgres.serve.fetch import Rows
from adapters.postgres.serve.progress import Head, Progress
from adapters.postgres.serve.tables import JsonbAsIs, Pool, Tables
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from streams.erasure.certificate import Certifier
from streams.ports import Codec, Log
from streams.proof.checkpoints import Checkpoints
from streams.proof.witness import Witness

POOL_SIZE = 8
POOL_SECONDS = 5.0


class Context(Struct):
    """What the application stands on; `publish` are the routes by which events come in, `inbox` a topic, if any."""

    log: Log
    codec: Codec
    opener: Opener
    url: str
    subscribers: int
    publish: Sequence[BaseRoute] = ()
    checkpoints: Checkpoints | None = None
    origin: str = ""
    sign: Sign | None = None
    witness: Witness | None = None
    inbox: str = ""
    hosts: Sequence[str] = ()
    models: tuple[ReadModel[Any], ...] = READ_MODELS
    contracts: Sequence[Contract] = field(default_factory=published)
    metrics: Metrics = field(default_factory=Metrics)


class _Parts:
    """The parts of one application."""

    def __init__(self, context: Context) -> None:
        self.pool: Pool = AsyncConnectionPool(
            context.url,
            kwargs={"autocommit": True},
            configure=_configure,
            min_size=2,
            max_size=POOL_SIZE,
            timeout=POOL_SECONDS,
            open=False,
        )
        log, codec, opener = context.log, context.codec, context.opener
        rows, self.tables = Rows(self.pool), Tables(self.pool, context.models)
        self.progress, self.head = Progress(self.pool, context.url, self.tables, log), Head(log)
        self.past = Past(log, codec, rows, opener)
        witnessed = Witnessed(log.id, self.progress, context.checkpoints, context.origin)
        self.queries = Queries(rows, self.tables, self.progress, self.past, opener, log.id, witnessed)
        self.explanations = Explanations(log, codec, rows, self.tables, opener)
        subscribers = Subscribers(context.subscribers, context.metrics.subscribers)
        self.events = Events(log, codec, opener)
        self.event_stream = EventStream(log, self.events, self.head, subscribers)
        self.row_stream = RowStream(log, codec, self.tables, self.progress, rows, opener, subscribers)
        self.export = Export(self.tables, self.progress, rows, opener)
        self.refused = Refused(self.pool, context.inbox, log, opener)
        self.observe = Observe(log, self.pool, self.tables, self.progress, context.metrics)
        self.pages = Pages(context.models, context.contracts)
        self.registry = registry_mount(context.contracts)
        self.proof: list[BaseRoute] = []
        if context.checkpoints is not None:
            proof = Proof(log, context.checkpoints, context.origin)
            self.proof = [*proof.routes(), *Receipts(log, codec, proof, rows, self.tables).routes()]
            if context.sign is not None:
                certifier = Certifier(log, codec, opener.open_batch)
                self.proof += Certificates(certifier, proof, context.sign).routes()
        if context.witness is not None:
            self.proof += witness_routes(context.witness)

    def routes(self) -> list[BaseRoute]:
        """Return the routes. Rows are asked for most, so they are tried first; other read models come last."""
        return [
            RowRoute("/{model}/{key:path}", self.queries.serve_row),
            Route("/events", self.events.search),
            Route("/events/stream", self.event_stream.answer),
            Route("/events/{position}", self.events.one),
            *self.proof,
            Route("/sources/{source:path}/events", self.events.of_source),
            Route("/refused", self.refused.answer),
            Route("/health", self.observe.health),
            Route("/ready", self.observe.ready),
            Route("/metrics", self.observe.metrics),
            *self.pages.routes(),
            self.registry,
            Route("/explain/{model}/{key:path}", self.explanations.answer),
            Route("/{model}", self.queries.model),
            Route("/{model}/export", self.export.answer),
            Route("/{model}/stream", self.row_stream.answer),
        ]

    @asynccontextmanager
    async def running(self, _: Starlette) -> AsyncIterator[None]:
        """Open the pool and follow the log and the projections while the application runs."""
        async with self.pool:
            await self.tables.refresh()
            tasks = [asyncio.create_task(each) for each in (self.progress.follow(), self.head.follow())]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task


class RowRoute(Route):
    """The route of rows: whatever has two parts or more and is no address of ours."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app, methods=["GET"])
        self.app = app
        self.path_regex = re.compile(
            r"^/(?!(?:events|sources|explain|docs|registry|proof|receipt|erasure|tile)/)"
            r"(?P<model>[^/]+)/(?!(?:export|stream)$)(?P<key>.*)$"
        )


async def _configure(connection: AsyncConnection[tuple[Any, ...]]) -> None:
    connection.adapters.register_loader("jsonb", JsonbAsIs)


def create_app(context: Context) -> Starlette:
    """Return the application over a context."""
    parts = _Parts(context)
    app = Starlette(
        routes=[*context.publish, *parts.routes()],
        middleware=[Middleware(Guard, hosts=context.hosts, requests=context.metrics.requests)],
        exception_handlers=dict(problems.HANDLERS),
        lifespan=parts.running,
    )
    app.router.redirect_slashes = False  # an address is what it is, and a redirect would lead nowhere
    return app
