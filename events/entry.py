"""The entry: the byte string that stores an event in the log (docs/log.md).

    offset  length  field
    0       1       format version, 1
    1       8       recorded_at, microseconds since 1970 UTC, big-endian, signed
    9       8       occurred_at, likewise
    17      1 + n   source, length and UTF-8
    ..      1 + n   id, length and UTF-8
    ..      1 + n   type, length and UTF-8
    ..      rest    data: Confluent framing (0x00, 4-byte schema id) and the Avro body

It holds everything about an event except its position. It is canonical: one event has one entry, and these
bytes are what is hashed, compared, relayed and audited, never a re-serialisation.
"""

from __future__ import annotations

import struct
from hashlib import blake2b

from msgspec import Struct

MAX_BYTES = 65_535
"""Most bytes of an entry: a tile of a transparency log gives an entry's length in two bytes."""

LONGEST_NAME = 255
"""Most bytes of source, id and type each: their length is stored in one byte."""

VERSION = b"\x01"
"""The first byte of every entry."""

_CLOCKS = struct.Struct(">qq")
_CLOCK = struct.Struct(">q")


class EntryTooLarge(ValueError):
    """The entry would exceed 65,535 bytes, the most that a tile of a transparency log can carry."""


class Proposal(Struct, frozen=True, gc=False):
    """An encoded event to append, which has no position and no `recorded_at` yet."""

    source: str
    id: str
    type: str
    occurred_at: int
    tags: tuple[str, ...]
    data: bytes

    def tail(self) -> bytes:
        """Return the entry without version and `recorded_at`, which the log sets under its lock.

        Raises EntryTooLarge, or ValueError if source, id or type exceeds 255 bytes.
        """
        source, identity, kind = self.source.encode(), self.id.encode(), self.type.encode()
        try:
            tail = b"%b%c%b%c%b%c%b%b" % (
                _CLOCK.pack(self.occurred_at),
                len(source),
                source,
                len(identity),
                identity,
                len(kind),
                kind,
                self.data,
            )
        except OverflowError as error:
            msg = "source, id and type are at most 255 bytes each"
            raise ValueError(msg) from error
        if len(tail) + 9 > MAX_BYTES:
            msg = f"the entry has {len(tail) + 9} bytes, more than {MAX_BYTES}"
            raise EntryTooLarge(msg)
        return tail


class Stored(Struct, frozen=True, gc=False):
    """A position and the entry at it, as the log returns them."""

    position: int
    entry: bytes


class Header(Struct, frozen=True, gc=False):
    """The parts of an entry; `data` stays encoded."""

    recorded_at: int
    occurred_at: int
    source: str
    id: str
    type: str
    data: bytes


def complete(tail: bytes, recorded_at: int) -> bytes:
    """Return the entry of a tail, once the log's clock has been read under the lock."""
    return VERSION + _CLOCK.pack(recorded_at) + tail


def parse(entry: bytes) -> Header:
    """Return the parts of an entry. Raises ValueError if it is not an entry of version 1."""
    if entry[:1] != VERSION:
        msg = f"entry version {entry[:1].hex() or 'none'} is unknown"
        raise ValueError(msg)
    try:
        recorded_at, occurred_at = _CLOCKS.unpack_from(entry, 1)
        source = 18 + entry[17]
        identity = source + 1 + entry[source]
        kind = identity + 1 + entry[identity]
    except (struct.error, IndexError) as error:
        msg = f"the entry of {len(entry)} bytes is cut short"
        raise ValueError(msg) from error
    if kind > len(entry):
        msg = f"the entry of {len(entry)} bytes is cut short"
        raise ValueError(msg)
    return Header(
        recorded_at,
        occurred_at,
        entry[18:source].decode(),
        entry[source + 1 : identity].decode(),
        entry[identity + 1 : kind].decode(),
        entry[kind:],
    )


def key(text: str) -> int:
    """Return the 64-bit index key of a tag, type or source: BLAKE2b-8, big-endian, signed.

    Two texts with the same key only make an index find more; a reader by key compares the text as well.
    """
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def identity_key(source: str, identity: str) -> bytes:
    """Return the 16-byte key of an identity: BLAKE2b-16 over the length of the source, the source and the id."""
    return blake2b(f"{len(source)} {source}{identity}".encode(), digest_size=16).digest()
