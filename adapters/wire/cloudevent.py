"""CloudEvents 1.0: the envelope that publishers send, and events as readers get them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from adapters.wire.all_faults import all_faults
from adapters.wire.bad_input import BadInput, unreadable
from adapters.wire.leap_second import held
from events.catalogue import names
from events.clock import instant
from events.contract import fields, personal_fields, tags
from events.entry import LONGEST_NAME
from events.event import Event
from events.extensions import KEPT, TRACE, TRACE_FORM, Extensions
from events.patterns import LINE, whole
from events.uri import URI, URI_REFERENCE

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = "application/json"
JSON_TYPE = r"(?!application/cloudevents)[^; ]*[/+][Jj][Ss][Oo][Nn] *(;.*)?"

OpenBatch = Callable[[Sequence[bytes]], Sequence[str | None]]
"""Opens sealed values for a reader who may see them; None where the key is destroyed."""

Attribute = Annotated[str, whole(LINE, least=1, most=LONGEST_NAME)]
"""Text without control characters, which no attribute has (CloudEvents 1.0, type system)."""


Source = Annotated[str, whole(URI_REFERENCE, least=1, most=LONGEST_NAME)]


class Attributes(Struct, kw_only=True):
    """The attributes that matter here; other extensions than those of `events/extensions.py` are ignored."""

    specversion: Literal["1.0"]
    id: Attribute
    source: Source
    type: Attribute
    time: Annotated[datetime, Meta(tz=True)]
    subject: str | None = None
    datacontenttype: str | None = None
    dataschema: Annotated[str, whole(URI)] | None = None
    causationid: Attribute | None = None
    correlationid: Attribute | None = None
    traceparent: str | None = None

    @property
    def extensions(self) -> Extensions:
        """The extensions that are kept with the event; most have none."""
        if self.causationid is None and self.correlationid is None and self.traceparent is None:
            return ()
        found = ((name, getattr(self, name)) for name in KEPT)
        return tuple(
            (name, value)
            for name, value in found
            if value is not None and (name != TRACE or re.fullmatch(TRACE_FORM, value))
        )


NO_DATA = "Object missing required field `data`"
TWO_DATA = "an event has `data` or `data_base64`, not both"


class Envelope(Attributes, kw_only=True):
    """A CloudEvent with its data still encoded; `data_base64` are its bytes if they came apart from the attributes."""

    data: Raw = Raw()
    data_base64: bytes | None = None

    def __post_init__(self) -> None:
        """Take the bytes as the data. Raises ValueError if there is no data, or twice."""
        if self.data_base64 is None and not self.data:
            raise ValueError(NO_DATA)
        if self.data_base64 is not None:
            if self.data:
                raise ValueError(TWO_DATA)
            self.data = Raw(self.data_base64)


def from_attributes(sent: Mapping[str, str], data: bytes) -> Envelope:
    """Return the CloudEvent of binary mode: attributes by name, and the data as JSON. Raises BadInput."""
    sent = {**sent, "time": held(sent["time"])} if "time" in sent else sent
    try:
        attributes = msgspec.convert(sent, Attributes)
    except msgspec.ValidationError as error:
        raise BadInput(all_faults(sent, Attributes) or unreadable(error).faults) from error
    return Envelope(**msgspec.structs.asdict(attributes), data_base64=data)


@lru_cache(maxsize=64)
def is_json(content_type: str) -> bool:
    """Return whether a media type is JSON, but not a CloudEvent."""
    return re.fullmatch(JSON_TYPE, content_type) is not None


def to_cloudevents(events: Sequence[Event], open_batch: OpenBatch | None = None) -> list[dict[str, Any]]:
    """Return events as readers get them, in order; personal fields are null where they are not opened."""
    sealed = [(index, name, value) for index, event in enumerate(events) for name, value in _sealed(event)]
    clear = open_batch([value for _, _, value in sealed]) if open_batch and sealed else ()
    found = [_cloudevent(event) for event in events]
    for (index, name, _), text in zip(sealed, clear, strict=False):
        found[index]["data"][name] = text
    return found


def _sealed(event: Event) -> list[tuple[str, bytes]]:
    found = ((each.name, getattr(event, each.name)) for each in personal_fields(type(event)))
    return [(name, value) for name, value in found if value is not None]


def _cloudevent(event: Event) -> dict[str, Any]:
    cls = type(event)
    subject = next(iter(tags(event)), None)
    made: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": names()[cls],
        "time": _text(event.occurred_at),
        "datacontenttype": BINARY,
        "data": {
            each.name: None if each.personal else msgspec.to_builtins(getattr(event, each.name))
            for each in fields(cls)
        },
    }
    if subject:
        made["subject"] = subject
    if event.position:
        made |= {"position": event.position, "recordedtime": _text(event.recorded_at)}
    return made | dict(event.extensions)


def _text(micros: int) -> str:
    return instant(micros).isoformat().replace("+00:00", "Z")
