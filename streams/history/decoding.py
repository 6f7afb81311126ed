"""Decode batches of the log once, for all models that fold them; report undecodable entries in their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from events.entry import Stored
from events.event import Event
from streams.history.refold import type_of
from streams.ports import Codec, Undecodable

Decoded: TypeAlias = "Event | BrokenEntry"


class BrokenEntry(Struct, frozen=True):
    """An entry that cannot be decoded."""

    position: int
    type: str
    reason: str


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
        return BrokenEntry(stored.position, type_of(stored.entry), error.reason)
