"""Batches of the log, decoded once for all who fold them; what cannot be decoded is told in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from events.entry import Stored
from events.event import Event
from streams.history.refold import type_of
from streams.ports import Codec, Undecodable

Item: TypeAlias = "Event | Unreadable"


class Unreadable(Struct, frozen=True):
    """An entry that cannot be decoded."""

    position: int
    type: str
    reason: str


def decode(codec: Codec, batch: Sequence[Stored]) -> Sequence[Item]:
    """Decode a batch, once for all read models; what cannot be decoded is told in its place."""
    try:
        return codec.decode_all(batch)
    except Undecodable:
        return [_decode(codec, stored) for stored in batch]


def _decode(codec: Codec, stored: Stored) -> Item:
    try:
        return codec.decode(stored)
    except Undecodable as error:
        return Unreadable(stored.position, type_of(stored.entry), error.reason)
