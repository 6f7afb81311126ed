"""Parts of `/openapi.json` that several addresses share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adapters.http.describe.schemas import Schema, parameter
from adapters.http.protocol.grammar import LARGEST_INTEGER, LARGEST_LIMIT
from adapters.postgres.serve.query import DEFAULT_LIMIT
from adapters.postgres.serve.tables import Kind
from events.patterns import ecma

TEXT: Schema = {"type": "string"}
POSITION: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
VALUES: Mapping[Kind, Schema] = {
    "integer": {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER},
    "number": {"type": "number"},
    "boolean": FLAG,
}
PROBLEMS = {
    "400": "BadRequest",
    "404": "NotFound",
    "409": "IdentityTaken",
    "422": "Refused",
    "503": "Unavailable",
    "default": "Problem",
}
_ANYWHERE = ("400", "404", "503", "default")
STREAM: Mapping[str, Schema] = {"text/event-stream": TEXT}


def choice(names: Iterable[str]) -> Schema:
    """Return the schema of several of these names."""
    return {"type": "array", "items": {"type": "string", "enum": list(names)}, "minItems": 1}


def several(name: str, text: str, names: Iterable[str]) -> Schema:
    """Return a query parameter that takes several of these names."""
    return parameter(name, text, choice(names), style="form", explode=False)


def in_path(name: str, text: str, schema: Schema = TEXT) -> Schema:
    """Return a parameter of the path."""
    return parameter(name, text, schema, "path", required=True)


SEALED = parameter("sealed", "leave personal fields sealed (Base64)", FLAG)
EVIDENCE = parameter("evidence", "add what the answer rests on, with the addresses of its receipts", FLAG)
WAIT = parameter("wait_for", "wait up to 5 s for the read model to reach this position", POSITION)
KNOWN = parameter("known_at", "as it was known at this time (a day means its end)", TIME)
TRUE = parameter("true_at", "as it was at this time, by what had occurred until then", TIME)
CURSOR = parameter("cursor", "the `next` of the page before", TEXT)
AFTER = parameter("after", "only after this position", POSITION)
LIMIT = parameter(
    "limit",
    "items a page",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
)
RESUME = parameter("Last-Event-ID", "resume after this position", POSITION, "header")
SOURCE = parameter("source", "the publishing system", TEXT)
TAG = parameter(
    "tag",
    "kind:value; if repeated, all must hold",
    {"type": "array", "items": {"type": "string", "pattern": ecma("[^:]+:.+")}},
)
EVENT_AT = in_path("position", "a position in the log", POSITION)


def problems(*more: str) -> Schema:
    """Return the responses of problems: those of all addresses, and those with more statuses."""
    return {status: {"$ref": f"#/components/responses/{PROBLEMS[status]}"} for status in (*_ANYWHERE, *more)}


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
    """Return the content of an answer in JSON."""
    return {"application/json": schema}


OBJECT = in_json({"type": "object"})
