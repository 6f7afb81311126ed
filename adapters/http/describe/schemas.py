"""JSON schemas of events as sent and rows as returned, made of the catalogues."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import cleandoc
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, structs

from adapters.contracts.codes import rules_of
from adapters.http.describe.labelled import described, label
from adapters.wire.cloudevent import JSON_TYPE
from adapters.wire.json_format import LEAST_INTEGER, MOST_INTEGER
from events.catalogue import publishable
from events.contract import summary
from events.event import Event
from events.extensions import KEPT, TRACE
from events.labels.table import Labels
from events.patterns import LINE, ecma, without_anchors
from events.uri import URI, URI_REFERENCE
from events.wire import wire_type
from projections.catalogue import contexts
from projections.read_model import ReadModel

Schema = dict[str, Any]

_POSITION = Annotated[int, Meta(description="that of the event which last changed the row")]

PERSONAL = str | None
"""A sealed field as it is returned: opened, or null if it was erased."""


def reference(name: str) -> Schema:
    """Return a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(name: str, text: str, schema: Schema, place: str = "query", **more: Any) -> Schema:
    """Return a parameter of an address."""
    return {"name": name, "in": place, "description": text, "schema": schema, **more}


def _components(cls: type[Struct], prefix: str, name: str) -> Schema:
    """Return the schema of a class under `name`, and those of its parts under names with a prefix."""
    found = parts([cls], prefix)
    return {name: found.pop(f"{prefix}.{cls.__name__}") | {"title": name}, **found}


def parts(types: Iterable[Any], prefix: str) -> Schema:
    """Return the schemas of all classes in types under names with a prefix: as titles too, since clients name classes so."""
    _, found = msgspec.json.schema_components(types, ref_template=f"#/components/schemas/{prefix}.{{name}}")
    named = {f"{prefix}.{each}": schema for each, schema in _in_ecma(found).items()}
    for name, schema in named.items():
        schema["title"] = name
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    return named


def _in_ecma(schema: Any) -> Any:
    """Return a schema of msgspec's with the anchors of JSON Schema in its patterns."""
    if isinstance(schema, dict):
        return {
            key: ecma(without_anchors(value))
            if key == "pattern" and isinstance(value, str)
            else _in_ecma(value)
            for key, value in schema.items()
        }
    return [_in_ecma(each) for each in schema] if isinstance(schema, list | tuple) else schema


def row_class(model: ReadModel[Any]) -> type[Struct]:
    """Return a class with the fields of a row as they are returned."""
    fields = [
        (name, PERSONAL if hint is bytes else _returned(hint)) for name, hint in model.columns().items()
    ]
    return msgspec.defstruct("Row", [*fields, ("position", _POSITION)], kw_only=True)


def _returned(hint: Any) -> Any:
    return PERSONAL if hint == (bytes | None) else hint


def row_name(model: str) -> str:
    """Return the component name of a model's row."""
    return f"row.{model}"


def event_name(wire: str) -> str:
    """Return the component name of an event type."""
    return f"event.{wire}"


def of_rows(models: Iterable[ReadModel[Any]], labels: Labels) -> Schema:
    """Return the schemas of the rows of all models. No field is required: `fields` and `sum` leave some out."""
    found: Schema = {}
    for model in models:
        name = row_name(model.name)
        made = _components(row_class(model), name, name)
        made[name]["description"] = described(labels.models.get(model.name), model.description)
        del made[name]["required"]
        label(made, f"{contexts().get(model)}.{model.name}", labels)
        found |= made
    return found


def of_events(labels: Labels) -> Schema:
    """Return the schemas of all events as a publisher sends them."""
    found: Schema = {}
    for name, cls in publishable().items():
        data = f"data.{name}"
        made = _components(wire_type(cls), data, data)
        label(made, name, labels)
        text = described(labels.events[name], summary(cls))
        found |= made | {event_name(name): _envelope(name, text, cls, reference(data))}
    found["CloudEvent"] = {
        "title": "CloudEvent",
        "description": "An event of any type",
        "oneOf": [reference(event_name(name)) for name in publishable()],
    }
    return found


_ATTRIBUTE = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": ecma(LINE)}
_EXTENSION = {
    "type": ["string", "boolean", "integer", "null"],
    "minimum": LEAST_INTEGER,
    "maximum": MOST_INTEGER,
}


def _envelope(name: str, text: str, cls: type[Event], data: Schema) -> Schema:
    return {
        "type": "object",
        "title": event_name(name),
        "description": text,
        "x-rules": [structs.asdict(each) for each in rules_of(cls)],
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "id": _ATTRIBUTE,
            "source": _ATTRIBUTE | {"pattern": ecma(URI_REFERENCE)},
            "type": {"type": "string", "const": name},
            "time": {"type": "string", "format": "date-time"},
            "subject": {"type": "string"},
            **dict.fromkeys(KEPT, _ATTRIBUTE) | {TRACE: {"type": "string"}},
            "datacontenttype": {"type": "string", "pattern": ecma(JSON_TYPE)},
            "dataschema": {"type": "string", "pattern": ecma(URI)},
            "data": data,
        },
        "additionalProperties": _EXTENSION,
    }
