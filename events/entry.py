"""The entry: the byte string that stores an event in the log (docs/log.md).

    offset  length  field
    0       1       format version, 2
    1       8       recorded_at, microseconds since 1970 UTC, big-endian, signed
    9       8       occurred_at, likewise
    17      16      salt, derived from the identity by who keeps the keys: without it nobody can guess an entry
    33      1 + n   source, length and UTF-8
    ..      1 + n   id, length and UTF-8
    ..      1 + n   type, length and UTF-8
    ..      2 + n   extensions, length and the attributes that are kept (extensions.py)
    ..      rest    data: Confluent framing (0x00, 4-byte schema id) and the Avro body

It holds everything about an event except its position. It is canonical: one event has one entry, and these
bytes are what is hashed, compared, relayed and audited, never a re-serialisation.
"""

from __future__ import annotations

import struct
from hashlib import blake2b

from msgspec import Struct

from events.extensions import Extensions, pack, unpack

MAX_BYTES = 65_535
"""Most bytes of an entry: a tile of a transparency log gives an entry's length in two bytes."""

LONGEST_NAME = 255
"""Most bytes of source, id and type each: their length is stored in one byte."""

VERSION = b"\x02"
"""The first byte of every entry."""

SALT_BYTES = 16
NO_SALT = bytes(SALT_BYTES)

_CLOCKS = struct.Struct(">qq")
_CLOCK = struct.Struct(">q")
_SIZE = struct.Struct(">H")
_SOURCE = 1 + _CLOCKS.size + SALT_BYTES
_SALT = slice(_SOURCE - SALT_BYTES, _SOURCE)


SURELY_FITS = MAX_BYTES // 2
"""So many bytes of data fit in an entry, whatever its identity, type and extensions are."""


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
    salt: bytes = NO_SALT
    extensions: Extensions = ()

    def tail(self) -> bytes:
        """Return the entry without version and `recorded_at`, which the log sets under its lock.

        Raises EntryTooLarge, or ValueError if source, id, type or the extensions are too long.
        """
        source, identity, kind = self.source.encode(), self.id.encode(), self.type.encode()
        extensions = pack(self.extensions) if self.extensions else b""
        try:
            tail = b"%b%b%c%b%c%b%c%b%b%b%b" % (
                _CLOCK.pack(self.occurred_at),
                self.salt,
                len(source),
                source,
                len(identity),
                identity,
                len(kind),
                kind,
                _SIZE.pack(len(extensions)),
                extensions,
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
    salt: bytes = NO_SALT
    extensions: Extensions = ()


def complete(tail: bytes, recorded_at: int) -> bytes:
    """Return the entry of a tail, once the log's clock has been read under the lock."""
    return VERSION + _CLOCK.pack(recorded_at) + tail


def parse(entry: bytes) -> Header:
    """Return the parts of an entry. Raises ValueError if it is not an entry of version 2."""
    if entry[:1] != VERSION:
        msg = f"entry version {entry[:1].hex() or 'none'} is unknown"
        raise ValueError(msg)
    try:
        recorded_at, occurred_at = _CLOCKS.unpack_from(entry, 1)
        source = _SOURCE + 1 + entry[_SOURCE]
        identity = source + 1 + entry[source]
        kind = identity + 1 + entry[identity]
        data = kind + _SIZE.size + _SIZE.unpack_from(entry, kind)[0]
    except (struct.error, IndexError) as error:
        msg = f"the entry of {len(entry)} bytes is cut short"
        raise ValueError(msg) from error
    if data > len(entry):
        msg = f"the entry of {len(entry)} bytes is cut short"
        raise ValueError(msg)
    return Header(
        recorded_at,
        occurred_at,
        entry[_SOURCE + 1 : source].decode(),
        entry[source + 1 : identity].decode(),
        entry[identity + 1 : kind].decode(),
        entry[data:],
        entry[_SALT],
        unpack(entry[kind + _SIZE.size : data]) if data > kind + _SIZE.size else (),
    )


def key(text: str) -> int:
    """Return the 64-bit index key of a tag, type or source: BLAKE2b-8, big-endian, signed.

    Two texts with the same key only make an index find more; a reader by key compares the text as well.
    """
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def identity_key(source: str, identity: str) -> bytes:
    """Return the 16-byte key of an identity: BLAKE2b-16 over the length of the source, the source and the id."""
    return blake2b(canonical_identity(source, identity), digest_size=16).digest()


def canonical_identity(source: str, identity: str) -> bytes:
    """Return an identity as bytes: the length of the source in characters, a blank, the source and the id."""
    return f"{len(source)} {source}{identity}".encode()
