"""Avro, as far as contracts go: what bytes mean by a schema, and object container files (avro.apache.org, 1.11)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from struct import unpack
from typing import Any, TypeAlias

from streams.tree.verifier import Unproven

SYNC_BYTES = 16
_LONGEST = 63


class Data:
    """Bytes that are read from front to back."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data, self._at = data, at

    @property
    def left(self) -> int:
        """How many bytes are yet to be read."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """Read so many bytes."""
        if not 0 <= count <= self.left:
            raise Unproven("the data is cut short")
        self._at += count
        return self._data[self._at - count : self._at]

    def long(self) -> int:
        """Read a number."""
        found = shift = 0
        while True:
            (byte,) = self.take(1)
            found |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the bit that tells that more follows
                return found >> 1 ^ -(found & 1)
            shift += 7
            if shift > _LONGEST:
                raise Unproven("a number is too long")


Read: TypeAlias = Callable[[Data], Any]
"""Reads a value; personal data, which is sealed, as `{"sealed": <Base64>}`."""


def reader(schema: Any, named: dict[str, Read] | None = None) -> Read:
    """Return what reads values of a schema. Raises Unproven where it has a type that contracts do not have."""
    named = {} if named is None else named
    match schema:
        case str() if schema in _PLAIN:
            return _PLAIN[schema]
        case str() if schema in named:
            return named[schema]
        case [*branches]:
            return _union([reader(each, named) for each in branches])
        case {"type": "array", "items": items}:
            return _array(reader(items, named))
        case {"type": "record", "name": str(name), "fields": [*fields]}:
            return _record(name, fields, named)
        case {"type": inner} if set(schema) == {"type"}:
            return reader(inner, named)
    raise Unproven(f"a type is not known here: {schema!r}")


def _text(data: Data) -> str:
    try:
        return data.take(data.long()).decode()
    except UnicodeDecodeError as error:
        raise Unproven("a text is not UTF-8") from error


def _boolean(data: Data) -> bool:
    return data.take(1) != b"\0"


def _double(data: Data) -> float:
    (found,) = unpack("<d", data.take(8))
    return float(found)


def _sealed(data: Data) -> dict[str, str]:
    return {"sealed": b64encode(data.take(data.long())).decode()}


_PLAIN: dict[str, Read] = {
    "null": lambda _: None,
    "boolean": _boolean,
    "long": Data.long,
    "double": _double,
    "string": _text,
    "bytes": _sealed,
}


def _union(branches: Sequence[Read]) -> Read:
    def read(data: Data) -> Any:
        at = data.long()
        if not 0 <= at < len(branches):
            raise Unproven("a value is of no type that it may be of")
        return branches[at](data)

    return read


def _array(item: Read) -> Read:
    def read(data: Data) -> list[Any]:
        found: list[Any] = []
        while count := data.long():
            if count < 0:  # a block that tells its size
                count, _ = -count, data.long()
            if count > data.left:
                raise Unproven("the data is cut short")
            found += [item(data) for _ in range(count)]
        return found

    return read


def _record(name: str, fields: Sequence[Any], named: dict[str, Read]) -> Read:
    parts: list[tuple[str, Read]] = []

    def read(data: Data) -> dict[str, Any]:
        return {each: value(data) for each, value in parts}

    named[name] = read
    for each in fields:
        match each:
            case {"name": str(field), "type": kind}:
                parts.append((field, reader(kind, named)))
            case _:
                raise Unproven(f"a field is not known here: {each!r}")
    return read


def long(number: int) -> bytes:
    """Write a number."""
    left = number << 1 ^ number >> _LONGEST
    found = bytearray()
    while left > 0x7F:  # noqa: PLR2004 - what fits in seven bits
        found.append(left & 0x7F | 0x80)
        left >>= 7
    found.append(left)
    return bytes(found)


def text(value: bytes) -> bytes:
    """Write text, or bytes, behind their length."""
    return long(len(value)) + value


def sync(schema: bytes) -> bytes:
    """Return what divides the blocks of a container; any 16 bytes would do, these are always the same."""
    return sha256(schema).digest()[:SYNC_BYTES]


def header(schema: bytes) -> bytes:
    """Return how a container begins."""
    told = ((b"avro.codec", b"null"), (b"avro.schema", schema))
    pairs = b"".join(text(name) + text(value) for name, value in told)
    return b"Obj\1" + long(len(told)) + pairs + long(0) + sync(schema)


def block(records: Sequence[bytes], divider: bytes) -> bytes:
    """Return a block of records."""
    return long(len(records)) + text(b"".join(records)) + divider
