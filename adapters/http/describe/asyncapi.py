"""`/asyncapi.json`: the topics of the message bus as AsyncAPI 3.0, made of their declarations and of the catalogues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contracts.published import Contract, latest
from adapters.http.describe import schemas
from adapters.http.describe.schemas import Schema
from adapters.wire.cloudevent import BINARY, STRUCTURED
from events.catalogue import by_name, publishable
from events.contract import summary, tag_fields
from events.event import Event
from events.labels.table import labels
from streams.bus import topics
from streams.bus.topics import PREFIX, Topic

AVRO = "application/vnd.apache.avro+json;version=1.9.0"
FRAMED = "application/vnd.confluent.avro"
PACKED = "application/octet-stream"
BROKERS = "127.0.0.1:9092"

_BINDING = "0.5.0"
_EITHER, _HEADERS = ("structured", "binary"), "CloudEventHeaders"

_ABOUT: Mapping[str, tuple[str, str]] = {
    topics.EVENTS: ("send", "All events of the log, one a record, in order of position in each partition"),
    topics.INBOX: ("receive", "Events published by upstream systems, judged like those published over HTTP"),
    topics.REFUSED: ("send", "Messages of the inbox that were refused or unreadable, with the reason"),
    topics.RELAYED: ("send", "The relay's own record of how far it is"),
}
_OWN = "Packed entries of the log in order of position, without gaps; for Pujiang's own workers"

_FRAMED: Schema = {
    "key": {"type": "string", "description": "tag of the subject: `person:p-1`"},
    "schemaIdLocation": "payload",
    "schemaIdPayloadEncoding": "confluent",
    "schemaLookupStrategy": "RecordNameStrategy",
}


def servers(registry: str, brokers: str = BROKERS) -> Schema:
    """Return the servers: the brokers, with the registry of the contracts."""
    return {
        "kafka": {
            "host": "{brokers}",
            "protocol": "kafka",
            "description": "Apache Kafka",
            "variables": {"brokers": {"default": brokers, "description": "one or more, as host:port"}},
            "bindings": _kafka(schemaRegistryUrl=registry, schemaRegistryVendor="confluent"),
        }
    }


def document(
    contracts: Sequence[Contract], version: str, registry: str = "/registry", prefix: str = PREFIX
) -> Schema:
    """Return the whole document, for the topics under a prefix."""
    declared = {each.name.removeprefix(f"{prefix}."): each for each in topics.topics(prefix)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Pujiang 浦江",
            "version": version,
            "description": "The topics of the message bus. Personal fields are sealed bytes in everything that Pujiang sends.",
        },
        "defaultContentType": FRAMED,
        "servers": servers(registry),
        "channels": {name: _channel(name, topic) for name, topic in declared.items()},
        "operations": _operations(declared),
        "components": {
            "messages": {**_events(contracts), **_other_messages()},
            "schemas": {**schemas.of_events(labels("en")), _HEADERS: _headers()},
            "messageBindings": {"framed": _kafka(**_FRAMED)},
        },
    }


def _kafka(**binding: object) -> Schema:
    return {"kafka": {**binding, "bindingVersion": _BINDING}}


def _reference(place: str, name: str) -> Schema:
    return {"$ref": f"#/{place}/{name}"}


def _messages(channel: str) -> Sequence[str]:
    if channel == topics.EVENTS:
        return list(by_name())
    if channel == topics.INBOX:
        return [*_EITHER, *publishable()]
    return [channel if channel in _ABOUT else "packed"]


def _channel(name: str, topic: Topic) -> Schema:
    kept = {
        "cleanup.policy": ["compact" if topic.compacted else "delete"],
        "retention.ms": topic.retention_ms,
    }
    return {
        "address": topic.name,
        "summary": _ABOUT.get(name, ("", _OWN))[1],
        "messages": {each: _reference("components/messages", each) for each in _messages(name)},
        "bindings": _kafka(partitions=topic.partitions, topicConfiguration=kept),
    }


def _operations(declared: Mapping[str, Topic]) -> Schema:
    """Return what Pujiang sends and receives; it does both with its packed topics."""
    found = {}
    for name in declared:
        for action in [_ABOUT[name][0]] if name in _ABOUT else ["send", "receive"]:
            found[f"{action}-{name}"] = {"action": action, "channel": _reference("channels", name)}
    return found


def _events(contracts: Sequence[Contract]) -> Schema:
    newest, classes = latest(list(contracts)), by_name()
    return {name: _event(name, cls, newest[name]) for name, cls in classes.items()}


def _event(name: str, cls: type[Event], contract: Contract) -> Schema:
    typed = {"type": "object", "properties": {"ce_type": {"const": name}}}
    return {
        "name": name,
        "title": name,
        "summary": summary(cls),
        "contentType": FRAMED,
        "headers": {"allOf": [_reference("components/schemas", _HEADERS), typed]},
        "payload": {"schemaFormat": AVRO, "schema": contract.schema},
        "bindings": _reference("components/messageBindings", "framed"),
        "tags": [
            {"name": kind} for kind in dict.fromkeys(each.tag.kind for each in tag_fields(cls) if each.tag)
        ],
    }


def _headers() -> Schema:
    text = {"type": "string"}
    time = {"type": "string", "format": "date-time"}
    return {
        "type": "object",
        "description": "The attributes of a CloudEvent 1.0 in the binary mode of its Kafka binding",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            **dict.fromkeys(("ce_id", "ce_source", "ce_type", "ce_subject", "content-type"), text),
            "ce_time": time,
        },
    }


def _other_messages() -> Schema:
    data = [_reference("components/schemas", f"data.{name}") for name in publishable()]
    headers = _reference("components/schemas", _HEADERS)
    structured = _reference("components/schemas", "CloudEvent")
    return {
        "structured": _message("An event as one JSON object", STRUCTURED, structured),
        "binary": _message("The data of an event as JSON", BINARY, {"anyOf": data}, headers=headers),
        topics.REFUSED: _message(
            "The sealed original, with code, sentence, rule and coordinates in the inbox", BINARY, {}
        ),
        topics.RELAYED: _message("The log's id, a position, and the SHA-256 of the entry there", BINARY, {}),
        "packed": _message("A stretch of the log (streams/bus/packed.py)", PACKED, {"type": "string"}),
    }


def _message(text: str, content: str, payload: Schema, **more: Schema) -> Schema:
    return {"summary": text, "contentType": content, "payload": payload, **more}
