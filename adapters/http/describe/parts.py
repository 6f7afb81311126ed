"""Pieces of `/openapi.json` that several of its parts use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adapters.http.describe.schemas import Schema, parameter
from adapters.http.protocol.grammar import LARGEST_INTEGER, LARGEST_LIMIT
from adapters.postgres.serve.query import DEFAULT_LIMIT
from adapters.postgres.serve.tables import Kind

TEXT: Schema = {"type": "string"}
POSITION: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
VALUES: Mapping[Kind, Schema] = {
    "integer": {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER},
    "number": {"type": "number"},
    "boolean": FLAG,
}
PROBLEMS = {"400": "BadRequest", "404": "NotFound", "503": "Unavailable", "default": "Problem"}
STREAM: Mapping[str, Schema] = {"text/event-stream": TEXT}


def choice(names: Iterable[str]) -> Schema:
    """Return the schema of several of these names."""
    return {"type": "array", "items": {"enum": list(names)}, "minItems": 1}


def several(name: str, text: str, names: Iterable[str]) -> Schema:
    """Return a query parameter that takes several of these names."""
    return parameter(name, text, choice(names), style="form", explode=False)


def in_path(name: str, text: str, schema: Schema = TEXT) -> Schema:
    """Return a parameter that stands in the path."""
    return parameter(name, text, schema, "path", required=True)


SEALED = parameter("sealed", "leave personal fields sealed (in Base64)", FLAG)
EVIDENCE = parameter("evidence", "and tell what the answer rests on, and where its receipts are", FLAG)
WAIT = parameter("wait_for", "wait until this position has arrived, 5 s at most", POSITION)
KNOWN = parameter("known_at", "as it was known at this time (a day means its end)", TIME)
TRUE = parameter("true_at", "as it was, by what had occurred until this time", TIME)
CURSOR = parameter("cursor", "where the last page ended: its `next`", TEXT)
AFTER = parameter("after", "only what comes after this position", POSITION)
LIMIT = parameter(
    "limit",
    "how many at most",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
)
RESUME = parameter("Last-Event-ID", "resume after this position", POSITION, "header")
SOURCE = parameter("source", "the publishing system", TEXT)
TAG = parameter(
    "tag",
    "kind:value; all that are given",
    {"type": "array", "items": {"type": "string", "pattern": "^[^:]+:.+$"}},
)
EVENT_AT = in_path("position", "the position in the log", POSITION)


def problems() -> Schema:
    """Return the answers that tell of a problem."""
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in PROBLEMS.items()}


def reading(group: str, text: str, parameters: Sequence[Schema], content: Mapping[str, Schema]) -> Schema:
    """Return an operation that reads."""
    answers = {"description": text, "content": {media: {"schema": each} for media, each in content.items()}}
    return {
        "tags": [group],
        "summary": text,
        "parameters": list(parameters),
        "responses": {"200": answers, "304": {"description": "Not modified"}, **problems()},
    }


def in_json(schema: Schema) -> dict[str, Schema]:
    """Return what answers in JSON."""
    return {"application/json": schema}


OBJECT = in_json({"type": "object"})


def paged(items: Schema, **more: Schema) -> Schema:
    """Return the schema of a page of items."""
    properties = {"items": {"type": "array", "items": items}, "next": {"type": ["string", "null"]}, **more}
    return {"type": "object", "required": ["items", "next"], "properties": properties}
