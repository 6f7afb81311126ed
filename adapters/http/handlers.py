"""The handlers of all addresses, made of one context."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from adapters.http.context import Context
from adapters.http.disclosure.disclosure import Disclosure
from adapters.http.log.certificates import Certificates
from adapters.http.log.events import Events
from adapters.http.log.proof import Proof
from adapters.http.log.receipts import Receipts
from adapters.http.log.refused import Refusals
from adapters.http.log.stream import EventStream
from adapters.http.log.witness import Cosigning
from adapters.http.observe import Observe
from adapters.http.protocol.subscribers import Subscribers
from adapters.http.registry.api import RegistryApi
from adapters.http.rows.evidence import Grounds
from adapters.http.rows.explanations import Explanations
from adapters.http.rows.export import Export
from adapters.http.rows.item import Items
from adapters.http.rows.listing import Listings
from adapters.http.rows.past import PastRows
from adapters.http.rows.stream import RowStream
from adapters.postgres.serve.bookmarks import Bookmarks
from adapters.postgres.serve.log_head import LogHead
from adapters.postgres.serve.pool import pool
from adapters.postgres.serve.tables import LiveTables
from streams.proof.proofs import Proofs


class Handlers:
    """The handlers. Those that the context lacks something for are None, and have no address."""

    def __init__(self, context: Context) -> None:
        self._pool = pool(context.url)
        log, tables = context.log, LiveTables(self._pool, context.models)
        self._tables, self._head = tables, LogHead(log)
        self._bookmarks = Bookmarks(self._pool, context.url, tables, log)
        self._subscribers = Subscribers(context.subscribers, context.metrics.subscribers)
        self.models, self.contracts = context.models, context.contracts
        self.publish, self.registry = context.publish, RegistryApi(context.contracts)
        disclosure = Disclosure.over(
            log, context.codec, context.opener, pool=self._pool, tables=tables, inbox=context.inbox
        )
        self.observe = Observe(
            log.head,
            self._pool,
            tables,
            self._bookmarks,
            context.metrics,
            unopened=disclosure.fields.unopened,
            clock=context.clock,
        )
        self._make_rows(context, disclosure)
        self._make_events(context, disclosure)
        self._make_proof(context, disclosure)

    def _make_rows(self, context: Context, disclosure: Disclosure) -> None:
        bookmarks, past, log_id = self._bookmarks, PastRows(disclosure), context.log.id
        grounds = Grounds(log_id, bookmarks, context.checkpoints, context.origin)
        self.listings = Listings(disclosure, bookmarks, past, grounds, log_id)
        self.items = Items(disclosure, bookmarks, past, self.listings, grounds, log_id)
        self.explanations = Explanations(disclosure)
        self.export = Export(disclosure, self._bookmarks)
        self.row_stream = RowStream(disclosure, self._bookmarks, self._subscribers)

    def _make_events(self, context: Context, disclosure: Disclosure) -> None:
        self.events = Events(disclosure.events)
        self.event_stream = EventStream(disclosure.events, self.events, self._head, self._subscribers)
        self.refusals = Refusals(disclosure.messages) if context.inbox else None

    def _make_proof(self, context: Context, disclosure: Disclosure) -> None:
        self.proof: Proof | None = None
        self.receipts: Receipts | None = None
        self.certificates: Certificates | None = None
        self.cosigning = None if context.witness is None else Cosigning(context.witness)
        if context.checkpoints is None:
            return
        log, proofs = context.log, Proofs(context.log)
        self.proof = Proof(log, proofs, disclosure.events, context.checkpoints, context.origin)
        self.receipts = Receipts(disclosure, self.proof, proofs)
        if context.sign is not None:
            self.certificates = Certificates(disclosure.histories, self.proof, context.sign)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the pool, and follow the log and the read models, while the application runs."""
        async with self._pool:
            await self._tables.refresh()
            tasks = [asyncio.create_task(each) for each in (self._bookmarks.follow(), self._head.follow())]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
