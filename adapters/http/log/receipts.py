"""`/events/{position}/receipt` and `/receipt/<model>/{key}`: what can be taken away and verified offline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.log.proof import RETRY_SECONDS, Proof
from adapters.http.protocol import grammar
from adapters.http.protocol.cache import FRESH
from adapters.http.protocol.media import ENCODER, JSON, TEXT
from adapters.http.protocol.path import segments
from adapters.http.protocol.problems import Problem
from adapters.postgres.serve.fetch import Rows
from adapters.postgres.serve.tables import LiveTable, Tables
from events.entry import Stored
from streams.history.row_entries import entries_of
from streams.ports import Codec, Log
from streams.proof.proofs import Proofs
from streams.tree.verifier import Checkpoint, Note

MOST_EVENTS = 1000
PROVES = "each of these events is in the log, at its position, byte for byte"
DOES_NOT_PROVE = (
    "that these are all events of the row, and that they fold to it: for that there are `pujiang verify` and "
    "`pujiang replay`"
)


class Receipts(Struct):
    """Makes receipts under the latest checkpoint. What reads the log runs in a thread."""

    log: Log
    codec: Codec
    proof: Proof
    rows: Rows
    tables: Tables

    async def event(self, request: Request) -> Response:
        """Answer with the receipt of one event (c2sp.org/tlog-proof), the entry in it as extra data."""
        position = grammar.integer("position", request.path_params["position"], least=0)
        _no_parameters(request)
        text = await run_in_threadpool(self._event, position)
        return Response(text, media_type=TEXT, headers={"cache-control": FRESH})

    def _event(self, position: int) -> str:
        found = self.log.read(max(position - 1, 0), position, 1)
        if not found:
            detail = f"the log has nothing at position {position}"
            raise Problem(404, "no-such-event", "No such event", detail)
        return self._receipts(found)[0]

    def _receipts(self, stored: Sequence[Stored]) -> list[str]:
        note, last = self.proof.latest(), stored[-1].position
        size = Checkpoint.read(Note.read(note).text).size
        if last > size:
            detail = f"position {last} is not in a checkpoint yet: the latest is of size {size}"
            raise Problem(503, "no-checkpoint-yet", "No checkpoint yet", detail, retry_after=RETRY_SECONDS)
        return Proofs(self.log).receipts(stored, note)

    async def row(self, request: Request) -> Response:
        """Answer with the receipts of the events that made a row."""
        live = self.tables[request.path_params["model"]]
        _no_parameters(request)
        parts = segments(request, 2)
        if len(parts) != len(live.key):
            detail = f"a row of {live.name} is named by {'/'.join(live.key)}"
            raise Problem(404, "unknown-address", "Unknown address", detail)
        key = [grammar.value(name, text, live) for name, text in zip(live.key, parts, strict=True)]
        roots = await self.rows.roots(live.model.fold.tag, [key[0]])
        key[0] = roots.get(key[0], key[0])
        told = await run_in_threadpool(self._row, live, key)
        return Response(ENCODER.encode(told), media_type=JSON, headers={"cache-control": FRESH})

    def _row(self, live: LiveTable, key: Sequence[Any]) -> dict[str, Any]:
        entries = entries_of(self.log, self.codec, live.model, tuple(key))
        if not entries:
            detail = f"{live.name} has no row {'/'.join(map(str, key))}"
            raise Problem(404, "no-such-row", "No such row", detail)
        if len(entries) > MOST_EVENTS:
            detail = f"{len(entries)} events made this row: a receipt is of {MOST_EVENTS} at most"
            raise Problem(422, "too-many-events", "Too many events", detail)
        return {
            "model": live.name,
            "key": dict(zip(live.key, key, strict=True)),
            "proves": PROVES,
            "does_not_prove": DOES_NOT_PROVE,
            "receipts": self._receipts(entries),
        }


def _no_parameters(request: Request) -> None:
    for name, _ in grammar.pairs(request.scope["query_string"]):
        grammar.refuse(name, f"unknown parameter {name!r}", parameters=())
