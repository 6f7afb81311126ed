"""Packed records: many entries of the log in one record of a worker's topic, because each record costs a worker the same.

    offset  length  field
    0       1       format version, 1
    1       16      the log's id
    17      8       after, big-endian
    25      8       upto, likewise
    33      ..      entries: position (8), length (4), the entry

A record states that, of the positions after < p <= upto, its partition has exactly these entries, in order. A record
without entries is a watermark, which moves an idle partition. The next record's `after` is this one's `upto`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from events.entry import Stored

VERSION = 1
LARGEST = 900_000
"""Bytes of the entries of a record: by default brokers take a megabyte."""

_POSITION = struct.Struct(">q")
_HEAD = struct.Struct(">B16sqq")
_ENTRY = struct.Struct(">qI")


class Packed(Struct, frozen=True):
    """The contents of a record: `entries` are all that its partition has of after < position <= upto of a log."""

    log: bytes
    after: int
    upto: int
    entries: Sequence[Stored] = ()


def pack(packed: Packed) -> bytes:
    """Return the bytes of a record."""
    return _record(packed.log, packed.after, packed.upto, map(frame, packed.entries))


def frame(stored: Stored) -> bytes:
    """Return an entry as it stands in a record; it is the same in every record that has it."""
    return _ENTRY.pack(stored.position, len(stored.entry)) + stored.entry


def pack_frames(log: bytes, after: int, upto: int, frames: Sequence[bytes]) -> Iterator[bytes]:
    """Give the records of framed entries: one, or several if one would be too large."""
    if sum(map(len, frames)) > LARGEST:
        begun, size = 0, 0
        for index, each in enumerate(frames):
            size += len(each)
            if size > LARGEST and index > begun:
                (last,) = _POSITION.unpack_from(frames[index - 1])
                yield _record(log, after, last, frames[begun:index])
                after, begun, size = last, index, len(each)
        frames = frames[begun:]
    yield _record(log, after, upto, frames)


def _record(log: bytes, after: int, upto: int, frames: Iterable[bytes]) -> bytes:
    return b"".join((_HEAD.pack(VERSION, log, after, upto), *frames))


def unpack(record: bytes) -> Packed:
    """Return the contents of a record. Raises ValueError if it is of another version, cut short or out of order."""
    try:
        version, log, after, upto = _HEAD.unpack_from(record)
        if version != VERSION:
            raise ValueError(f"packed records of version {version} are unknown")
        entries, at, last = list[Stored](), _HEAD.size, after
        while at < len(record):
            position, length = _ENTRY.unpack_from(record, at)
            at += _ENTRY.size + length
            if at > len(record) or not last < position <= upto:
                raise ValueError(f"a packed record of {len(record)} bytes is broken at position {position}")
            entries.append(Stored(position, record[at - length : at]))
            last = position
    except struct.error as error:
        raise ValueError(f"a packed record of {len(record)} bytes is cut short") from error
    return Packed(log, after, upto, entries)
