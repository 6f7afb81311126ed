"""The table of all addresses. Routes, the exclusions of the row route, OpenAPI and the index follow from it.

An address whose handler is None is in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from msgspec import Struct

from adapters.http.addresses.registry import PREFIX, registry_addresses
from adapters.http.describe import events, proof, system
from adapters.http.describe.pages import Pages
from adapters.http.describe.rows import RowPieces
from adapters.http.handlers import Handlers
from adapters.http.log import numbers
from adapters.http.protocol.address import Address


class Addresses(Struct, frozen=True):
    """All addresses. Routes try `row` first, as most requests are for rows, and `models`, whose paths fit all, last."""

    row: Address
    own: Sequence[Address]
    registry: Sequence[Address]
    models: Sequence[Address]

    @property
    def all(self) -> Sequence[Address]:
        """All addresses, in order."""
        return [self.row, *self.own, *self.registry, *self.models]


def addresses(on: Handlers) -> Addresses:
    """Return the table of an application."""
    rows = RowPieces(on.models)
    pages = Pages(on.models, on.contracts, PREFIX, lambda: table.all)
    table = Addresses(
        row=Address("/{model}/{key:path}", on.items.answer, rows.item, "rows", "rows"),
        own=list(chain(_events(on), _proof(on, rows), _explain(on, rows), _system(on), _pages(pages))),
        registry=registry_addresses(on.registry),
        models=[
            Address("/{model}", on.listings.answer, rows.listing, "rows", "rows"),
            Address("/{model}/export", on.export.answer, rows.export, "rows", "rows"),
            Address("/{model}/stream", on.row_stream.answer, rows.stream, "rows", "rows"),
        ],
    )
    return table


def _events(on: Handlers) -> Sequence[Address]:
    found = [
        Address("/events", on.events.search, events.search, "events", "events"),
        Address("/events/stream", on.event_stream.answer, events.stream, "live", "events"),
        Address("/events/{position}", on.events.one, events.one, "event", "events"),
        Address("/sources/{source:path}/events", on.events.of_source, events.of_source, "source", "events"),
    ]
    if on.publish is not None:
        found += [
            Address("/events", on.publish, events.publish, "events", "nothing", "POST"),
            Address("/events/batch", on.publish, events.publish_batch, "batch", "nothing", "POST"),
            Address("/person-numbers", numbers.issue, events.numbers, "numbers", "nothing", "POST"),
        ]
    if on.refusals is not None:
        found.append(Address("/refused", on.refusals.answer, events.refused, "refused", "events"))
    return found


def _proof(on: Handlers, rows: RowPieces) -> Sequence[Address]:
    found = []
    if on.proof is not None:
        found += [
            Address("/checkpoint", on.proof.checkpoint, proof.CHECKPOINT, "proof", "public"),
            Address("/tile/{path:path}", on.proof.tile, proof.tile, "proof", "entries"),
            Address("/proof/inclusion", on.proof.inclusion, proof.INCLUSION, "proof", "public"),
            Address("/proof/consistency", on.proof.consistency, proof.CONSISTENCY, "proof", "public"),
        ]
    if on.receipts is not None:
        found += [
            Address("/events/{position}/receipt", on.receipts.event, proof.RECEIPT, "proof", "entries"),
            Address("/receipt/{model}/{key:path}", on.receipts.row, rows.receipts, "proof", "entries"),
        ]
    if on.certificates is not None:
        path = "/erasure/{person}/certificate"
        found.append(Address(path, on.certificates.answer, proof.CERTIFICATE, "proof", "entries"))
    if on.cosigning is not None:
        found += [
            Address("/add-checkpoint", on.cosigning.answer, proof.COSIGNING, "proof", "nothing", "POST"),
            Address(
                "/witness/{origin_hash}/checkpoint", on.cosigning.latest, proof.COSIGNED, "proof", "public"
            ),
        ]
    return found


def _explain(on: Handlers, rows: RowPieces) -> Sequence[Address]:
    path = "/explain/{model}/{key:path}"
    return [Address(path, on.explanations.answer, rows.explanation, "explain", "rows")]


def _system(on: Handlers) -> Sequence[Address]:
    return [
        Address("/health", on.observe.health, system.HEALTH, "system", "public"),
        Address("/ready", on.observe.ready, system.READY, "system", "public"),
        Address("/metrics", on.observe.metrics, system.METRICS, "system", "figures"),
    ]


def _pages(pages: Pages) -> Sequence[Address]:
    return [
        Address("/", pages.index, system.INDEX, "index", "public"),
        Address("/openapi.json", pages.openapi, system.OPENAPI, "openapi", "public"),
        Address("/asyncapi.json", pages.asyncapi, system.ASYNCAPI, "asyncapi", "public"),
        Address("/labels", pages.labels, system.LABELS, "labels", "public"),
        Address("/docs", pages.docs, system.DOCS, "docs", "public"),
        Address("/docs/start.js", pages.start, system.SCRIPT, "pages", "public"),
        Address("/docs/files/{file:path}", pages.file, system.FILE, "pages", "public"),
    ]
