"""`/events/{position}/receipt` and `/receipt/<model>/{key}`: proofs to keep and to verify offline."""

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
from adapters.http.log.events import no_such_event
from adapters.http.log.proof import RETRY_SECONDS, Proof
from adapters.http.protocol import grammar
from adapters.http.protocol.cache import FRESH
from adapters.http.protocol.media import ENCODER, JSON, TEXT
from adapters.http.protocol.problems import Problem
from adapters.http.protocol.row_key import no_such_row, read_key
from adapters.postgres.serve.tables import LiveTable
from events.entry import Stored
from streams.proof.proofs import Proofs
from streams.tree.verifier import Checkpoint, Note

MOST_EVENTS = 1000
"""Receipts in an answer at most: each has an entry and a path of some 20 hashes, together often 2 KiB."""

PROVES = "each of these events is in the log, at its position, byte for byte"
DOES_NOT_PROVE = (
    "that these are all events of the row, and that they fold to it: `pujiang verify` and `pujiang replay` "
    "check that"
)


class Receipts(Struct):
    """Makes receipts under the latest checkpoint. What reads the log runs in a thread."""

    disclosure: Disclosure
    proof: Proof
    proofs: Proofs

    async def event(self, request: Request) -> Response:
        """Answer with the receipt of one event (c2sp.org/tlog-proof), the entry in it as extra data."""
        position = grammar.integer("position", request.path_params["position"], least=0)
        grammar.read_options(request.scope["query_string"], {})
        text = await run_in_threadpool(self._event, caller_of(request), position)
        return Response(text, media_type=TEXT, headers={"cache-control": FRESH})

    def _event(self, caller: Caller, position: int) -> str:
        found = self.disclosure.events.one(caller, position)
        if found is None:
            raise no_such_event(position)
        return self._receipts([found])[0]

    def _receipts(self, stored: Sequence[Stored]) -> list[str]:
        note, last = self.proof.latest(), stored[-1].position
        size = Checkpoint.read(Note.read(note).text).size
        if last > size:
            detail = f"no checkpoint covers position {last} yet: the latest has size {size}"
            raise Problem(503, "no-checkpoint-yet", "No checkpoint yet", detail, retry_after=RETRY_SECONDS)
        return self.proofs.receipts(stored, note)

    async def row(self, request: Request) -> Response:
        """Answer with the receipts of the events that made a row."""
        caller, disclosed = caller_of(request), self.disclosure.rows
        live = disclosed.table(caller, request.path_params["model"])
        grammar.read_options(request.scope["query_string"], {})
        key = read_key(request, live, 2)
        roots = await disclosed.roots(caller, live.model.fold.tag, [key[0]])
        key[0] = roots.get(key[0], key[0])
        whole = await disclosed.held(caller, live, key[0])
        body = await run_in_threadpool(partial(self._row, whole=whole), caller, live, key)
        return Response(ENCODER.encode(body), media_type=JSON, headers={"cache-control": FRESH})

    def _row(self, caller: Caller, live: LiveTable, key: Sequence[Any], *, whole: bool) -> dict[str, Any]:
        entries = self.disclosure.histories.entries(caller, live.model, tuple(key), whole=whole)
        if not entries:
            raise no_such_row(live, key)
        if len(entries) > MOST_EVENTS:
            detail = f"{len(entries)} events made this row; receipts are limited to {MOST_EVENTS}"
            raise Problem(422, "too-many-events", "Too many events", detail)
        return {
            "model": live.name,
            "key": dict(zip(live.key, key, strict=True)),
            "proves": PROVES,
            "does_not_prove": DOES_NOT_PROVE,
            "receipts": self._receipts(entries),
        }
