"""A refused message: its row, the sealed original, and the object that clients get."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from adapters.wire.cloudevent import OpenBatch
from events.entry import Stored
from streams.ports import Log


class RefusedRow(Struct, frozen=True, kw_only=True):
    """A refused message: its clear attributes, the sealed original if it was kept, and when it was retried, if ever.

    `place` is the offset of its record in the topic of refused messages; rows are listed in this order.
    """

    topic: str
    partition: int
    offset: int
    code: str
    sentence: str
    rule: str
    source: str | None = None
    id: str | None = None
    type: str | None = None
    refused_at: datetime
    sealed: bytes | None
    retried_at: datetime | None = None
    place: int = 0

    @property
    def coordinates(self) -> str:
        """Where it is in the inbox: `pujiang.inbox/3/17`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Original(Struct, frozen=True, omit_defaults=True):
    """A message as it was sent, and the sentence by which it was refused."""

    sentence: str
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()


def originals(open_batch: OpenBatch, rows: Sequence[RefusedRow]) -> list[Original | None]:
    """Open the originals of rows, in order; None if one was not kept, or if its key is destroyed."""
    texts = iter(open_batch([each.sealed for each in rows if each.sealed]))
    opened = [next(texts) if each.sealed else None for each in rows]
    return [msgspec.json.decode(text, type=Original) if text else None for text in opened]


def as_objects(log: Log, open_batch: OpenBatch | None, rows: Sequence[RefusedRow]) -> list[dict[str, Any]]:
    """Return rows as objects for JSON, with the value sent and the exact sentence if originals may be opened."""
    # A message that was refused may have been recorded later by another way.
    identities = [(row.source, row.id) for row in rows if row.source and row.id and row.code != "clash"]
    recorded = log.find(identities) if identities else {}
    opened = originals(open_batch, rows) if open_batch else [None] * len(rows)
    return [
        _told(row, original, None if row.code == "clash" else recorded.get((row.source or "", row.id or "")))
        for row, original in zip(rows, opened, strict=True)
    ]


def _told(row: RefusedRow, original: Original | None, recorded: Stored | None) -> dict[str, Any]:
    value = original.value if original else None
    return {
        "coordinates": row.coordinates,
        "code": row.code,
        "sentence": original.sentence if original else row.sentence,
        "rule": row.rule or None,
        "source": row.source,
        "id": row.id,
        "type": row.type,
        "refused_at": row.refused_at.astimezone(UTC),
        "retried_at": row.retried_at and row.retried_at.astimezone(UTC),
        "recorded": recorded and recorded.position,
        "value": None if value is None else value.decode(errors="replace"),
    }
