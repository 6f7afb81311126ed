"""`evidence=true`: what an answer rests on, so that it can be proved later (docs/proof.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from adapters.http.disclosure.records import Records, RowValues
from adapters.postgres.serve.bookmarks import Bookmarks
from adapters.postgres.serve.tables import LiveTable
from projections.read_model import Key
from streams.proof.checkpoints import Checkpoints


class RowEvidence(Struct, frozen=True):
    """The position that last changed a row, its SHA-256, and the address of its receipt."""

    position: int
    digest: str
    receipt: str


class Evidence(Struct, frozen=True):
    """The log's id, how many of its events the rows include at least, and its latest checkpoint, None before the first.

    `rows` are in the order of the answer; a sum has none: list the rows that it adds up.
    """

    log: str
    size: int
    checkpoint: str | None
    rows: Sequence[RowEvidence] = ()


class Grounds(Struct):
    """Finds what answers rest on."""

    log_id: str
    bookmarks: Bookmarks
    checkpoints: Checkpoints | None
    origin: str

    async def begin(self, live: LiveTable) -> Evidence:
        """Return the evidence of an answer whose rows are read after this: they include all events up to its size."""
        size = await self.bookmarks.position(live.name)
        note = None
        if self.checkpoints is not None:
            note = await run_in_threadpool(self.checkpoints.latest, self.origin)
        return Evidence(self.log_id, size, note)


def of_rows(
    live: LiveTable, records: Records, names: Sequence[str], rows: Iterable[RowValues]
) -> list[RowEvidence]:
    """Return the evidence of rows that were read as `names`, including all columns; `records` encodes them sealed."""
    at = [names.index(each) for each in live.columns]
    place, key = names.index("position"), [names.index(each) for each in live.key]
    return [
        row_evidence(
            live, tuple(row[each] for each in key), row[place], records.encode([row[each] for each in at])
        )
        for row in rows
    ]


def row_evidence(live: LiveTable, key: Key, position: int, sealed: bytes) -> RowEvidence:
    """Return the evidence of a row; `sealed` is its JSON with `sealed=true`."""
    address = "/".join(quote(str(each), safe="") for each in key)
    return RowEvidence(position, sha256(sealed).hexdigest(), f"/receipt/{live.name}/{address}")


def with_evidence(body: dict[str, Any], found: Evidence, rows: Sequence[RowEvidence]) -> dict[str, Any]:
    """Return an answer with its evidence."""
    return body | {"evidence": Evidence(found.log, found.size, found.checkpoint, rows)}
