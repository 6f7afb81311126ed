"""The handlers of all addresses, made of one context, and what they share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from adapters.http.context import Context
from adapters.http.log.certificates import Certificates
from adapters.http.log.events import Events
from adapters.http.log.proof import Proof
from adapters.http.log.receipts import Receipts
from adapters.http.log.refused import Refused
from adapters.http.log.stream import EventStream
from adapters.http.log.witness import Cosigning
from adapters.http.observe import Observe
from adapters.http.protocol.subscribers import Subscribers
from adapters.http.registry.api import RegistryApi
from adapters.http.rows.evidence import Witnessed
from adapters.http.rows.explanations import Explanations
from adapters.http.rows.export import Export
from adapters.http.rows.past import Past
from adapters.http.rows.queries import Queries
from adapters.http.rows.stream import RowStream
from adapters.postgres.serve.fetch import Rows
from adapters.postgres.serve.progress import Head, Progress
from adapters.postgres.serve.tables import JsonbAsIs, Pool, Tables
from streams.erasure.certificate import Certifier

POOL_SIZE = 8
POOL_SECONDS = 5.0


class Handlers:
    """The handlers; those that a context has nothing for are None, and have no address."""

    def __init__(self, context: Context) -> None:
        self._pool: Pool = AsyncConnectionPool(
            context.url,
            kwargs={"autocommit": True},
            configure=_configure,
            min_size=2,
            max_size=POOL_SIZE,
            timeout=POOL_SECONDS,
            open=False,
        )
        log, codec, opener = context.log, context.codec, context.opener
        rows, tables = Rows(self._pool), Tables(self._pool, context.models)
        progress, head = Progress(self._pool, context.url, tables, log), Head(log)
        self._tables, self._progress, self._head = tables, progress, head
        self.models, self.contracts = context.models, context.contracts
        past = Past(log, codec, rows, opener)
        witnessed = Witnessed(log.id, progress, context.checkpoints, context.origin)
        subscribers = Subscribers(context.subscribers, context.metrics.subscribers)

        self.publish = context.publish
        self.queries = Queries(rows, tables, progress, past, opener, log.id, witnessed)
        self.explanations = Explanations(log, codec, rows, tables, opener)
        self.export = Export(tables, progress, rows, opener)
        self.row_stream = RowStream(log, codec, tables, progress, rows, opener, subscribers)
        self.events = Events(log, codec, opener)
        self.event_stream = EventStream(log, self.events, head, subscribers)
        self.refused = Refused(self._pool, context.inbox, log, opener) if context.inbox else None
        self.observe = Observe(log, self._pool, tables, progress, context.metrics)
        self.registry = RegistryApi(context.contracts)
        self.proof = self.receipts = self.certificates = None
        if context.checkpoints is not None:
            self.proof = Proof(log, context.checkpoints, context.origin)
            self.receipts = Receipts(log, codec, self.proof, rows, tables)
            if context.sign is not None:
                certifier = Certifier(log, codec, opener.open_batch)
                self.certificates = Certificates(certifier, self.proof, context.sign)
        self.cosigning = None if context.witness is None else Cosigning(context.witness)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the pool, and follow the log and the read models, while the application runs."""
        async with self._pool:
            await self._tables.refresh()
            tasks = [asyncio.create_task(each) for each in (self._progress.follow(), self._head.follow())]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task


async def _configure(connection: AsyncConnection[tuple[Any, ...]]) -> None:
    connection.adapters.register_loader("jsonb", JsonbAsIs)
