"""How another system reads our topics: with Confluent's own client, given only a record and the registry's address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from events.contract import fields
from events.event import Event

Read = Callable[[bytes], dict[str, Any]]


def registry_at(url: str) -> SchemaRegistryClient:
    """Return Confluent's client of the registry at this address, not yet entered; it fails at once, without retries."""
    return SchemaRegistryClient({"url": url, "max.retries": 0})


@contextmanager
def reading(registry: str, topic: str = "pujiang.events") -> Iterator[Read]:
    """Yield a function that reads the values of a topic's records with the contracts of the registry at this address."""
    with registry_at(registry) as client:
        deserializer = AvroDeserializer(client)
        context = SerializationContext(topic, MessageField.VALUE)
        yield lambda value: deserializer(value, context)


def values(event: Event) -> dict[str, Any]:
    """Return what such a reader should make of an event that our codec has decoded."""
    own = {each.name: getattr(event, each.name) for each in fields(type(event))}
    found: dict[str, Any] = msgspec.to_builtins(own, builtin_types=(bytes,))
    return found
