"""Messages of the inbox are CloudEvents in one of three forms; they come in by the same door as those over HTTP.

structured   content-type: application/cloudevents+json; the value is the whole event
binary       `ce_` headers; content-type: application/json, or none; the value is the event's data
Avro         `ce_` headers; content-type: application/avro, or none and the value begins with 0x00: the data is framed
             as Confluent does, under an id of our contracts. Personal fields, bytes there, are clear UTF-8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from adapters.contracts.codec import MAGIC, AvroCodec
from adapters.door.door import Door
from adapters.wire.bad_input import BadInput, bad
from adapters.wire.cloudevent import BINARY, STRUCTURED, Envelope, from_attributes, is_json
from adapters.wire.json_format import from_json
from streams.bus.message import EventIdentity, Message, UnreadableMessage
from streams.publish.request import Request

HEADER = "ce_"
AVRO = "application/avro"
CONTENT_TYPE = "content-type"

NOBODY = EventIdentity()
TAKEN = f"send {STRUCTURED}, or {BINARY} or {AVRO} with {HEADER}specversion and its like as headers"


class CloudEventDecoder:
    """The port `MessageDecoder`; personal data of all messages is sealed in one batch. Raises KeyStoreUnavailable."""

    def __init__(self, door: Door, codec: AvroCodec) -> None:
        self._door, self._codec = door, codec

    def decode(self, messages: Sequence[Message]) -> list[Request | UnreadableMessage]:
        """Return, for each message, a request with its event, or what is wrong with it."""
        envelopes = [self._envelope(each) for each in messages]
        good = [each for each in envelopes if isinstance(each, Envelope)]
        taken = iter(self._door.several(good))
        return [
            _unreadable(each) if isinstance(each, BadInput) else _read(each, next(taken))
            for each in envelopes
        ]

    def _envelope(self, message: Message) -> Envelope | BadInput:
        try:
            return self._read(message)
        except BadInput as error:
            return error

    def _read(self, message: Message) -> Envelope:
        if message.unreadable:
            raise bad("malformed", message.unreadable)
        if message.value is None:
            raise bad("malformed", "the message has no value")
        headers = _headers(message)
        content = headers.get(CONTENT_TYPE, "")
        essence = content.partition(";")[0].strip().lower()
        if essence == STRUCTURED:
            return from_json(message.value)
        if HEADER + "specversion" not in headers:
            raise bad("unsupported-media-type", TAKEN)
        attributes = {
            name[len(HEADER) :]: value for name, value in headers.items() if name.startswith(HEADER)
        }
        if essence == AVRO or (not essence and message.value[:1] == bytes([MAGIC])):
            return self._framed(attributes, message.value)
        if essence and not is_json(essence):
            raise bad("unsupported-media-type", TAKEN)
        return from_attributes(attributes, message.value)

    def _framed(self, attributes: Mapping[str, str], value: bytes) -> Envelope:
        try:
            kind, data = self._codec.sent(value)
        except ValueError as error:
            raise bad("malformed", str(error), "/data") from error
        if attributes.get("type", kind) != kind:
            raise bad("invalid", f"the data is framed as {kind}", "/type")
        return from_attributes({"type": kind, **attributes}, msgspec.json.encode(data))


def _headers(message: Message) -> dict[str, str]:
    """Return the headers as text, names in lower case. Raises BadInput if one that matters is not UTF-8, or stands twice."""
    found: dict[str, str] = {}
    for name, value in message.headers:
        lower = name.lower()
        if lower == CONTENT_TYPE or lower.startswith(HEADER):
            try:
                text = (value or b"").decode()
            except UnicodeDecodeError as error:
                raise bad("invalid", f"the header {lower} is not UTF-8") from error
            if lower in found:
                raise bad("invalid", f"the header {lower} stands twice")
            found[lower] = text
    return found


def _read(envelope: Envelope, taken: Request | BadInput) -> Request | UnreadableMessage:
    if isinstance(taken, Request):
        return taken
    return _unreadable(taken, EventIdentity(envelope.source, envelope.id, envelope.type))


def _unreadable(error: BadInput, identity: EventIdentity = NOBODY) -> UnreadableMessage:
    code = error.faults[0].code if len(error.faults) == 1 else "invalid"
    return UnreadableMessage(code, str(error), identity)
