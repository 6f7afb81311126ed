"""The history: for each entry a line of JSON for people, and a record of an Avro container for programs.

offset  length  field of an entry
0       1       format version, 2
1       8 + 8   recorded_at and occurred_at, microseconds since 1970 UTC, big-endian, signed
17      16      salt, which the history leaves out
33      1 + n   source, id and type, each preceded by its length, UTF-8
..      2 + n   extensions, preceded by their length: names and values, each preceded by its length, UTF-8
..      rest    0x00, the contract's id in 4 bytes, and the data in Avro

If an entry cannot be decoded, its line has the reason instead. These sentences are part of the bundle's format: the check
of an older bundle writes the same ones.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from streams.proof.bundle import avro
from streams.tree.verifier import Unproven, from_bytes

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_ENVELOPE = (
    ("position", "long"),
    ("recorded_at", "long"),
    ("occurred_at", "long"),
    ("source", "string"),
    ("id", "string"),
    ("type", "string"),
    ("extensions", {"type": "map", "values": "string"}),
)
_NAMES_AT = 33


@dataclass(frozen=True)
class BundleContract:
    """The Avro schema of the data of some entries; it has a name like `roll.StudentEnrolled.1`."""

    name: str
    decode: avro.Decode
    container: bytes
    """The schema of the container that has these entries."""

    @classmethod
    def of(cls, name: str, schema: bytes) -> BundleContract:
        """Parse a contract. Raises Unproven."""
        try:
            data = json.loads(from_bytes(schema))
            decode = avro.decoder(data)
        except (ValueError, RecursionError) as error:
            raise Unproven(f"this is not a contract: {error}") from error
        fields = [{"name": each, "type": kind} for each, kind in (*_ENVELOPE, ("data", data))]
        whole = {"type": "record", "name": "Entry", "namespace": "pujiang", "fields": fields}
        return cls(name, decode, as_json(whole))


@dataclass(frozen=True)
class HistoryEntry:
    """An entry's line in the history; if its data can be decoded, also its record, and the contract of its container."""

    line: bytes
    contract: str | None = None
    record: bytes = b""


def history_entry(position: int, entry: bytes, contracts: Mapping[int, BundleContract]) -> HistoryEntry:
    """Return an entry's part of the history; if it cannot be decoded, the line says why."""
    try:
        return _decoded(position, entry, contracts)
    except Unproven as error:
        return _unreadable(position, str(error))
    except RecursionError:
        return _unreadable(position, "its data goes too deep")


def _unreadable(position: int, why: str) -> HistoryEntry:
    return HistoryEntry(as_json({"position": position, "unreadable": why}) + b"\n")


def contract_id(entry: bytes) -> int:
    """Return the id of the contract of an entry's data. Raises Unproven."""
    return parsed(entry).contract


def _decoded(position: int, entry: bytes, contracts: Mapping[int, BundleContract]) -> HistoryEntry:
    parts = parsed(entry)
    contract = contracts.get(parts.contract)
    if contract is None:
        raise Unproven(f"no contract has the id {parts.contract}")
    data = avro.ByteReader(entry, parts.data)
    decoded = contract.decode(data)
    if data.left:
        raise Unproven("the data goes on where it should end")
    line = {
        "position": position,
        "recorded_at": _time(parts.recorded_at),
        "occurred_at": _time(parts.occurred_at),
        "source": _utf8(parts.source),
        "id": _utf8(parts.id),
        "type": _utf8(parts.type),
        "extensions": {_utf8(name): _utf8(value) for name, value in parts.extensions},
        "contract": contract.name,
        "data": decoded,
    }
    numbers = b"".join(map(avro.long, (position, parts.recorded_at, parts.occurred_at)))
    names = b"".join(map(avro.text, (parts.source, parts.id, parts.type)))
    record = numbers + names + _map(parts.extensions) + entry[parts.data :]
    return HistoryEntry(as_json(line) + b"\n", contract.name, record)


@dataclass(frozen=True)
class EntryParts:
    """The parts of an entry; `contract` is the id of the contract of the data, which begins at offset `data`."""

    recorded_at: int
    occurred_at: int
    source: bytes
    id: bytes
    type: bytes
    extensions: list[tuple[bytes, bytes]]
    contract: int
    data: int


def parsed(entry: bytes) -> EntryParts:
    """Split an entry. Raises Unproven."""
    try:
        version, recorded, occurred = struct.unpack_from(">Bqq", entry)
        names, at = _texts(entry, _NAMES_AT, 3)
        (size,) = struct.unpack_from(">H", entry, at)
        extensions = _extensions(entry[at + 2 : at + 2 + size])
        frame, number = struct.unpack_from(">BI", entry, at + 2 + size)
    except (struct.error, IndexError) as error:
        raise Unproven("the entry is cut short") from error
    if (version, frame) != (2, 0):
        raise Unproven(f"the entry is of version {version}, its data framed by {frame}")
    source, identity, kind = names
    return EntryParts(recorded, occurred, source, identity, kind, extensions, number, at + 2 + size + 5)


def _texts(entry: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """Return texts that are preceded by their lengths, and the offset after them. Raises IndexError."""
    found = []
    for _ in range(count):
        size = entry[at]
        found.append(entry[at + 1 : at + 1 + size])
        at += 1 + size
    return found, at


def _extensions(packed: bytes) -> list[tuple[bytes, bytes]]:
    found, at = list[tuple[bytes, bytes]](), 0
    while at < len(packed):
        (name, value), at = _texts(packed, at, 2)
        found.append((name, value))
    names = [name for name, _ in found]
    if at > len(packed) or names != sorted(set(names)):
        raise Unproven("the extensions are not in order")
    return found


def _map(extensions: list[tuple[bytes, bytes]]) -> bytes:
    """Encode a map of Avro: one block, if there is anything, and the end."""
    items = b"".join(avro.text(each) for pair in extensions for each in pair)
    return (avro.long(len(extensions)) + items if extensions else b"") + avro.long(0)


def _utf8(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Unproven("a name is not UTF-8") from error


def _time(micros: int) -> str:
    try:
        return f"{_BEGIN + timedelta(microseconds=micros):%Y-%m-%dT%H:%M:%S.%fZ}"
    except OverflowError as error:
        raise Unproven(f"no time is {micros} microseconds from 1970") from error


def as_json(value: Any) -> bytes:
    """Encode JSON in the only form that bundles have."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
