"""Avro (avro.apache.org, 1.11) as far as contracts use it: decoding by a schema, and object container files.

The message of an error in an entry's data stands in a bundle's history: it is part of the bundle's format.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from struct import unpack
from typing import Any, TypeAlias

from streams.tree.verifier import Unproven

SYNC_BYTES = 16
"""The length of the marker after each block of a container; Avro prescribes it."""

BLOCK_RECORDS = 100
"""Records in a block of a container, except the last one. It is part of the format: the check rebuilds the blocks."""

_LONG_BITS = 63
"""The bits of an Avro long but for the sign."""


class ByteReader:
    """Reads bytes from front to back."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data, self._at = data, at

    @property
    def left(self) -> int:
        """The number of bytes that are not read yet."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """Read `count` bytes. Raises Unproven if fewer are left."""
        if not 0 <= count <= self.left:
            raise Unproven("the data is cut short")
        self._at += count
        return self._data[self._at - count : self._at]

    def long(self) -> int:
        """Decode a long. Raises Unproven."""
        found = shift = 0
        while True:
            (byte,) = self.take(1)
            found |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the bit that says that more bytes follow
                return found >> 1 ^ -(found & 1)
            shift += 7
            if shift > _LONG_BITS:
                raise Unproven("a number is too long")


Decode: TypeAlias = Callable[[ByteReader], Any]
"""Decodes a value; sealed personal data becomes `{"sealed": <Base64>}`."""


def decoder(schema: Any, named: dict[str, Decode] | None = None) -> Decode:
    """Return the decoder of a schema's values. Raises Unproven if it has a type that contracts do not use."""
    named = {} if named is None else named
    match schema:
        case str() if schema in _PLAIN:
            return _PLAIN[schema]
        case str() if schema in named:
            return named[schema]
        case [*branches]:
            return _union([decoder(each, named) for each in branches])
        case {"type": "array", "items": items}:
            return _array(decoder(items, named))
        case {"type": "record", "name": str(name), "fields": [*fields]}:
            return _record(name, fields, named)
        case {"type": inner} if set(schema) == {"type"}:
            return decoder(inner, named)
    raise Unproven(f"unknown type: {schema!r}")


def _text(data: ByteReader) -> str:
    try:
        return data.take(data.long()).decode()
    except UnicodeDecodeError as error:
        raise Unproven("a text is not UTF-8") from error


def _boolean(data: ByteReader) -> bool:
    return data.take(1) != b"\0"


def _double(data: ByteReader) -> float:
    (found,) = unpack("<d", data.take(8))
    return float(found)


def _sealed(data: ByteReader) -> dict[str, str]:
    return {"sealed": b64encode(data.take(data.long())).decode()}


_PLAIN: dict[str, Decode] = {
    "null": lambda _: None,
    "boolean": _boolean,
    "long": ByteReader.long,
    "double": _double,
    "string": _text,
    "bytes": _sealed,
}


def _union(branches: Sequence[Decode]) -> Decode:
    def decode(data: ByteReader) -> Any:
        at = data.long()
        if not 0 <= at < len(branches):
            raise Unproven("a value is of no type that it may be of")
        return branches[at](data)

    return decode


def _array(item: Decode) -> Decode:
    def decode(data: ByteReader) -> list[Any]:
        found: list[Any] = []
        while count := data.long():
            if count < 0:  # a block that states its size
                count, _ = -count, data.long()
            if count > data.left:
                raise Unproven("the data is cut short")
            found += [item(data) for _ in range(count)]
        return found

    return decode


def _record(name: str, fields: Sequence[Any], named: dict[str, Decode]) -> Decode:
    parts: list[tuple[str, Decode]] = []

    def decode(data: ByteReader) -> dict[str, Any]:
        return {each: value(data) for each, value in parts}

    named[name] = decode
    for each in fields:
        match each:
            case {"name": str(field), "type": kind}:
                parts.append((field, decoder(kind, named)))
            case _:
                raise Unproven(f"invalid field: {each!r}")
    return decode


def long(number: int) -> bytes:
    """Encode a long."""
    left = number << 1 ^ number >> _LONG_BITS
    found = bytearray()
    while left > 0x7F:  # noqa: PLR2004 - the largest number of seven bits
        found.append(left & 0x7F | 0x80)
        left >>= 7
    found.append(left)
    return bytes(found)


def text(value: bytes) -> bytes:
    """Encode text or bytes, preceded by their length."""
    return long(len(value)) + value


def sync(schema: bytes) -> bytes:
    """Return the marker after each block of a container: any 16 bytes would do, but a bundle must be reproducible."""
    return sha256(schema).digest()[:SYNC_BYTES]


def header(schema: bytes) -> bytes:
    """Return the header of a container."""
    metadata = ((b"avro.codec", b"null"), (b"avro.schema", schema))
    pairs = b"".join(text(name) + text(value) for name, value in metadata)
    return b"Obj\1" + long(len(metadata)) + pairs + long(0) + sync(schema)


def block(records: Sequence[bytes], marker: bytes) -> bytes:
    """Return a block of records."""
    return long(len(records)) + text(b"".join(records)) + marker
