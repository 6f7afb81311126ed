"""The codec between events and the data of entries: Avro in Confluent framing (0x00, 4-byte schema id, body)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, cast, get_args, get_origin

import msgspec
from fastavro import schemaless_reader, schemaless_writer
from msgspec import Struct

from adapters.contracts.published import Contract, ContractFault, latest, published
from events.catalogue import by_name, names
from events.contract import avro_schema, fields, personal_fields, tags
from events.entry import NO_SALT, SURELY_FITS, Header, Proposal, Stored, parse
from events.event import Event
from streams.ports import Undecodable

MAGIC = 0
_FRAME = struct.Struct(">BI")

Convert = tuple[str, Callable[[Any], Any]]
Salt = Callable[[str, str], bytes]


def unsalted(_source: str, _id: str) -> bytes:
    """Return no salt: for readers, which need none, and for tests."""
    return NO_SALT


class _Writer:
    """Encodes the events of one class."""

    __slots__ = ("frame", "nested", "schema", "type")

    def __init__(self, cls: type[Event], name: str, contract: Contract) -> None:
        self.type, self.schema = name, contract.parsed()
        self.frame = _FRAME.pack(MAGIC, contract.id)
        self.nested = tuple(each.name for each in fields(cls) if _nested(each.base))

    def encode(self, event: Event) -> bytes:
        out = BytesIO()
        out.write(self.frame)
        record = msgspec.structs.asdict(event)
        for name in self.nested:
            record[name] = msgspec.to_builtins(record[name])
        schemaless_writer(out, self.schema, record)
        return out.getvalue()


class _Reader:
    """Decodes the bytes of one contract as events of today's class."""

    __slots__ = ("cls", "nested", "today", "type", "written")

    def __init__(self, cls: type[Event], contract: Contract, today: Contract) -> None:
        self.cls, self.type, self.written = cls, contract.type, contract.parsed()
        self.today = None if contract.id == today.id else today.parsed()
        self.nested: tuple[Convert, ...] = tuple(
            (each.name, _converter(each.base)) for each in fields(cls) if _nested(each.base)
        )

    def values(self, body: BytesIO) -> dict[str, Any]:
        return cast("dict[str, Any]", schemaless_reader(body, self.written, self.today))

    def record(self, body: BytesIO) -> dict[str, Any]:
        record = self.values(body)
        for name, convert in self.nested:
            record[name] = convert(record[name])
        return record


def _nested(base: Any) -> bool:
    item = get_args(base)[0] if get_origin(base) is list else base
    return isinstance(item, type) and issubclass(item, Struct)


def _converter(base: Any) -> Callable[[Any], Any]:
    """Return a function that makes records from decoded dictionaries, without checking today's bounds."""
    if get_origin(base) is list:
        item = _converter(get_args(base)[0])
        return lambda value: None if value is None else [item(each) for each in value]
    inner = tuple((each.name, _converter(each.base)) for each in fields(base) if _nested(each.base))

    def make(value: dict[str, Any] | None) -> Any:
        if value is None:
            return None
        for name, convert in inner:
            value[name] = convert(value[name])
        return base(**value)

    return make


class AvroCodec:
    """Encodes events with their newest contract, and decodes bytes with the contract they were written with.

    `salt` returns the salt of an identity (source, id). Raises ContractFault at once if an event class has no published
    contract that fits it.
    """

    def __init__(self, contracts: Sequence[Contract] | None = None, salt: Salt = unsalted) -> None:
        self._salt = salt
        known = list(published() if contracts is None else contracts)
        newest, classes = latest(known), by_name()
        self._writers: dict[type[Event], _Writer] = {}
        for cls, name in names().items():
            if name not in newest or newest[name].schema != avro_schema(cls, name):
                raise ContractFault(f"{name} has no published contract that fits it: run `make contracts`")
            self._writers[cls] = _Writer(cls, name, newest[name])
        self._readers = {
            each.id: _Reader(classes[each.type], each, newest[each.type])
            for each in known
            if each.type in classes
        }

    def propose(self, event: Event) -> Proposal:
        """Encode an event that is to be appended. Raises EntryTooLarge."""
        writer = self._writers[type(event)]
        proposal = Proposal(
            source=event.source,
            id=event.id,
            type=writer.type,
            occurred_at=event.occurred_at,
            tags=tags(event),
            data=writer.encode(event),
            salt=self._salt(event.source, event.id),
            extensions=event.extensions,
        )
        if len(proposal.data) > SURELY_FITS:
            proposal.tail()
        return proposal

    def decode(self, stored: Stored) -> Event:
        """Decode an entry of the log. Raises Undecodable."""
        try:
            header = parse(stored.entry)
        except ValueError as error:
            raise _undecodable(stored.position, error) from error
        return self.event(stored.position, header)

    def event(self, position: int, header: Header) -> Event:
        """Decode an entry that has been parsed. Raises Undecodable."""
        try:
            reader = self._reader(header.data)
            body = BytesIO(header.data)
            body.seek(_FRAME.size)
            return reader.cls(
                **reader.record(body),
                id=header.id,
                source=header.source,
                occurred_at=header.occurred_at,
                recorded_at=header.recorded_at,
                position=position,
                extensions=header.extensions,
            )
        except Exception as error:
            # fastavro raises many kinds of exception for broken bytes; each of them means this.
            raise _undecodable(position, error) from error

    def sent(self, framed: bytes) -> tuple[str, dict[str, Any]]:
        """Return the type and the fields' values of data that a publisher has framed.

        Its personal fields, bytes in the contract, are clear text in UTF-8 until the door seals them. Raises
        ValueError if it cannot be read.
        """
        reader, body = self._reader(framed), BytesIO(framed)
        body.seek(_FRAME.size)
        try:
            values = reader.values(body)
            for each in personal_fields(reader.cls):
                if values[each.name] is not None:
                    values[each.name] = values[each.name].decode()
        except Exception as error:
            # As above: whatever fastavro raises, the bytes do not follow their contract.
            raise ValueError("the Avro data does not follow the contract that it names") from error
        if body.tell() != len(framed):
            raise ValueError(f"{len(framed) - body.tell()} bytes are left over after the Avro data")
        return reader.type, values

    def _reader(self, data: bytes) -> _Reader:
        magic, number = _FRAME.unpack_from(data.ljust(_FRAME.size, b"\xff"))
        if magic != MAGIC or number not in self._readers:
            raise ValueError(f"no contract has the frame {data[: _FRAME.size].hex()}")
        return self._readers[number]

    def decode_all(self, stored: Sequence[Stored]) -> list[Event]:
        """Decode entries of the log, in order. Raises Undecodable."""
        return [self.decode(each) for each in stored]


def _undecodable(position: int, error: Exception) -> Undecodable:
    return Undecodable(position, f"{type(error).__name__}: {error}")
