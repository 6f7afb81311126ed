"""JSON schemas of what the API answers, beside the rows of read models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.http.describe.schemas import Schema, parts, reference, row_name
from events.catalogue import by_name
from events.extensions import KEPT
from events.labels.table import Labels
from projections.read_model import ReadModel
from streams.publish.request import Admissible, IdentityConflict, Recorded, Refusal, Repeated, Retracted

VERDICTS = Recorded | Repeated | Retracted | IdentityConflict | Admissible | Refusal

_TEXT: Schema = {"type": "string"}
_POSITION: Schema = {"type": "integer", "description": "a position in the log"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_PAGE = {
    "next": {"type": ["string", "null"], "description": "the `cursor` of the next page, null on the last"}
}


def of_answers(models: Iterable[ReadModel[Any]], labels: Labels) -> Schema:
    """Return the schemas of all answers by their names."""
    found: Schema = {}
    for model in models:
        name = model.name
        found[f"page.{name}"] = page(
            reference(row_name(name)),
            position=_POSITION | {"description": "the read model had folded the log up to here"},
            refolding={"description": "there while rows are being folded again"},
            evidence=reference("Evidence"),
        )
        found[f"item.{name}"] = {"anyOf": [reference(row_name(name)), reference("ProvedRow")]}
    found |= {
        **parts([VERDICTS], "verdict"),
        "Evidence": _evidence(),
        "Verdict": _verdict(),
        "Verdicts": record("One verdict for each event, in order", verdicts=_list(reference("Verdict"))),
        "ProvedRow": record(
            "A row, with what it rests on (`evidence=true`)",
            item={"type": "object"},
            evidence=reference("Evidence"),
        ),
        "PersonNumbers": record("Numbers that nobody has", numbers=_list(_TEXT)),
        "Explanation": _explanation(),
        "RowReceipts": _receipts(),
        "RefusedMessage": _refused_message(),
        "SourceEvent": record("An event of a publisher", id=_TEXT, position=_POSITION, digest=_TEXT),
        "Alive": record("The process is alive", status=_TEXT),
        "Ready": record("All is available", status=_TEXT, position=_POSITION),
        "Event": _event(),
        "Problem": _problem(labels),
    }
    found |= {f"page.{name}": page(reference(name)) for name in ("Event", "SourceEvent", "RefusedMessage")}
    return {name: {"title": name, **schema} for name, schema in found.items()}


def record(text: str, **required: Schema) -> Schema:
    """Return the schema of an object with these members."""
    return {"type": "object", "description": text, "required": list(required), "properties": required}


def page(items: Schema, **more: Schema) -> Schema:
    """Return the schema of a page of items."""
    made = record("A page", items=_list(items), **_PAGE)
    return made | {"properties": {**made["properties"], **more}}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _verdict() -> Schema:
    words = {
        "recorded": Recorded,
        "repeated": Repeated,
        "retracted": Retracted,
        "clash": IdentityConflict,
        "admissible": Admissible,
        "refused": Refusal,
    }
    places = {word: f"verdict.{cls.__name__}" for word, cls in words.items()}
    return {
        "oneOf": [reference(each) for each in places.values()],
        "discriminator": {
            "propertyName": "verdict",
            "mapping": {word: reference(each)["$ref"] for word, each in places.items()},
        },
    }


def _evidence() -> Schema:
    row = record("The evidence of a row", position=_POSITION, digest=_TEXT, receipt=_TEXT)
    return record(
        "What an answer rests on: the log, its size, its latest checkpoint, and each row of the answer",
        log=_TEXT,
        size={"type": "integer"},
        checkpoint={"type": ["string", "null"]},
        rows=_list(row),
    )


def _explanation() -> Schema:
    origin = record(
        "The event that last set a field",
        type=_TEXT,
        position=_POSITION,
        source=_TEXT,
        id=_TEXT,
        occurred_at=_TIME,
        recorded_at=_TIME,
    )
    field = record(
        "A field's value",
        value={"description": "as in the row"},
        set_by={"anyOf": [origin, {"type": "null"}]},
    )
    return record(
        "The event that last set each field of a row",
        model=_TEXT,
        key={"type": "object"},
        fields={"type": "object", "additionalProperties": field},
    )


def _receipts() -> Schema:
    return record(
        "Receipts of the events that made a row",
        model=_TEXT,
        key={"type": "object"},
        proves=_TEXT,
        does_not_prove=_TEXT,
        receipts=_list(_TEXT),
    )


def _refused_message() -> Schema:
    maybe: Schema = {"type": ["string", "null"]}
    return record(
        "A message of the inbox that was refused",
        coordinates=_TEXT,
        code=_TEXT,
        sentence=_TEXT,
        rule=maybe,
        source=maybe,
        id=maybe,
        type=maybe,
        refused_at=_TIME,
        retried_at={"type": ["string", "null"], "format": "date-time"},
        recorded={"type": ["integer", "null"]},
        value=maybe,
    )


def _event() -> Schema:
    found = record(
        "An event as it is returned",
        specversion={"type": "string", "const": "1.0"},
        id=_TEXT,
        source=_TEXT,
        type={"type": "string", "enum": list(by_name())},
        time=_TIME,
        position=_POSITION,
        recordedtime=_TIME,
        data={"type": "object", "description": "personal fields are null if they are erased or left sealed"},
    )
    more = dict.fromkeys(("subject", "datacontenttype", *KEPT), _TEXT)
    return found | {"properties": {**found["properties"], **more}}


def _problem(labels: Labels) -> Schema:
    found = record(
        "Problem details (RFC 9457)",
        type=_TEXT,
        title=_TEXT,
        status={"type": "integer"},
        detail=_TEXT,
        code={"type": "string", "description": "stable, for machines", "x-labels": dict(labels.codes)},
    )
    fault = record("A fault of what was sent", code=_TEXT, detail=_TEXT, pointer=_TEXT)
    more = {
        "rule": {"type": "string", "description": "the identity of the rule that refuses the event"},
        "position": _POSITION,
        "errors": _list(fault) | {"description": "everything that is wrong with what was sent"},
        "verdicts": _list(reference("Verdict")) | {"description": "of a batch that was not admitted"},
    }
    return found | {"properties": {**found["properties"], **more}}
