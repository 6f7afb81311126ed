"""The history: for each entry a line of JSON for people, and a record of an Avro container for programs.

offset  length  field of an entry
0       1       format version, 1
1       8 + 8   recorded_at and occurred_at, microseconds since 1970 UTC, big-endian, signed
17      1 + n   source, id and type, each preceded by its length, UTF-8
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
from streams.tree.verifier import Unproven

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_ENVELOPE = (
    ("position", "long"),
    ("recorded_at", "long"),
    ("occurred_at", "long"),
    ("source", "string"),
    ("id", "string"),
    ("type", "string"),
)


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
            data = json.loads(schema)
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
    return _parsed(entry)[5]


def _decoded(position: int, entry: bytes, contracts: Mapping[int, BundleContract]) -> HistoryEntry:
    recorded, occurred, source, identity, kind, number, at = _parsed(entry)
    contract = contracts.get(number)
    if contract is None:
        raise Unproven(f"no contract has the id {number}")
    data = avro.ByteReader(entry, at)
    decoded = contract.decode(data)
    if data.left:
        raise Unproven("the data goes on where it should end")
    line = {
        "position": position,
        "recorded_at": _time(recorded),
        "occurred_at": _time(occurred),
        "source": _utf8(source),
        "id": _utf8(identity),
        "type": _utf8(kind),
        "contract": contract.name,
        "data": decoded,
    }
    numbers = b"".join(map(avro.long, (position, recorded, occurred)))
    record = numbers + b"".join(map(avro.text, (source, identity, kind))) + entry[at:]
    return HistoryEntry(as_json(line) + b"\n", contract.name, record)


def _parsed(entry: bytes) -> tuple[int, int, bytes, bytes, bytes, int, int]:
    """Split an entry: recorded_at, occurred_at, source, id, type, the contract's id, and the offset of the data."""
    try:
        version, recorded, occurred = struct.unpack_from(">Bqq", entry)
        names, at = list[bytes](), 17
        for _ in range(3):
            size = entry[at]
            names.append(entry[at + 1 : at + 1 + size])
            at += 1 + size
        frame, number = struct.unpack_from(">BI", entry, at)
    except (struct.error, IndexError) as error:
        raise Unproven("the entry is cut short") from error
    if (version, frame) != (1, 0):
        raise Unproven(f"the entry is of version {version}, its data framed by {frame}")
    source, identity, kind = names
    return recorded, occurred, source, identity, kind, number, at + 5


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
