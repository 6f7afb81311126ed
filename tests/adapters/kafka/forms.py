"""An event as a message of the inbox, in each of its forms: the value and the headers."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import fastavro
import msgspec

from adapters.contracts.published import latest, published
from events.catalogue import by_name
from events.contract import fields, personal_fields

CONTRACTS = latest(published())

Headers = tuple[tuple[str, bytes | None], ...]


def structured(sent: Mapping[str, Any]) -> tuple[bytes, Headers]:
    """Return an event in structured mode."""
    return msgspec.json.encode(sent), (("content-type", b"application/cloudevents+json"),)


def binary(sent: Mapping[str, Any]) -> tuple[bytes, Headers]:
    """Return an event in binary mode, its data as JSON."""
    return msgspec.json.encode(sent["data"]), (*attributes(sent), ("content-type", b"application/json"))


def framed(sent: Mapping[str, Any]) -> tuple[bytes, Headers]:
    """Return an event in binary mode, its data as framed Avro."""
    return avro(sent["type"], sent["data"]), (*attributes(sent), ("content-type", b"application/avro"))


def attributes(sent: Mapping[str, Any]) -> Headers:
    """Return the attributes of an event as headers."""
    return tuple((f"ce_{name}", value.encode()) for name, value in sent.items() if name != "data")


def avro(kind: str, sent: Mapping[str, Any]) -> bytes:
    """Return data as a publisher frames it: personal fields are the bytes of clear text."""
    record = {each.name: each.default for each in fields(by_name()[kind])} | dict(sent)
    for each in personal_fields(by_name()[kind]):
        if record[each.name] is not None:
            record[each.name] = record[each.name].encode()
    out = BytesIO()
    fastavro.schemaless_writer(out, CONTRACTS[kind].parsed(), record)
    return b"\0" + CONTRACTS[kind].id.to_bytes(4, "big") + out.getvalue()
