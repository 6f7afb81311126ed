"""Decode batches of the log once, for all models that fold them; report undecodable entries in their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from events.entry import Stored, parse
from events.event import Event
from events.rewriting import retracted
from streams.ports import Codec, Undecodable

Decoded: TypeAlias = "Event | BrokenEntry"


class BrokenEntry(Struct, frozen=True):
    """An entry that cannot be decoded. What not even its header tells is empty, and its time that of the epoch."""

    position: int
    type: str
    reason: str
    occurred_at: int = 0
    source: str = ""
    id: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """The source and the id."""
        return self.source, self.id


def retraction(item: Decoded) -> tuple[str, str] | None:
    """Return the identity of the event that an item retracts, None if it retracts nothing or cannot be decoded."""
    return None if isinstance(item, BrokenEntry) else retracted(item)


def decode(codec: Codec, batch: Sequence[Stored]) -> Sequence[Decoded]:
    """Decode a batch; what cannot be decoded becomes a BrokenEntry in its place."""
    try:
        return codec.decode_all(batch)
    except Undecodable:
        return [_decode(codec, stored) for stored in batch]


def _decode(codec: Codec, stored: Stored) -> Decoded:
    try:
        return codec.decode(stored)
    except Undecodable as error:
        return broken_entry(stored, error)


def broken_entry(stored: Stored, error: Undecodable) -> BrokenEntry:
    """Return what can be told of an entry that cannot be decoded."""
    try:
        header = parse(stored.entry)
    except ValueError:
        return BrokenEntry(stored.position, "unknown", error.reason)
    return BrokenEntry(
        stored.position, header.type, error.reason, header.occurred_at, header.source, header.id
    )


def type_of(entry: bytes) -> str:
    """Return the type of an entry, `unknown` if not even that can be read."""
    try:
        return parse(entry).type
    except ValueError:
        return "unknown"
