"""`/openapi.json`: the API as OpenAPI 3.1, made of the same declarations that it runs on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.cloudevent import BATCH, STRUCTURED
from adapters.http import schemas
from adapters.http.grammar import DEFAULT_LIMIT, LARGEST_INTEGER, LARGEST_LIMIT
from adapters.http.schemas import Schema, reference
from events.catalogue import by_name
from events.contract import summary
from projections.read_model import ReadModel

_TEXT: Schema = {"type": "string"}
_POSITION: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
_TYPES: Mapping[Any, Schema] = {
    int: {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER},
    float: {"type": "number"},
    bool: _FLAG,
}
_PROBLEMS = {"400": "BadRequest", "404": "NotFound", "503": "Unavailable", "default": "Problem"}


def _parameter(name: str, text: str, schema: Schema, place: str = "query", **more: Any) -> Schema:
    return {"name": name, "in": place, "description": text, "schema": schema, **more}


def _choice(names: Iterable[str]) -> Schema:
    return {"type": "array", "items": {"enum": list(names)}, "minItems": 1}


def _several(name: str, text: str, names: Iterable[str]) -> Schema:
    return _parameter(name, text, _choice(names), style="form", explode=False)


_SEALED = _parameter("sealed", "leave personal fields sealed (in Base64)", _FLAG)
_WAIT = _parameter("wait_for", "wait until this position has arrived, 5 s at most", _POSITION)
_KNOWN = _parameter("known_at", "as it was known at this time (a day means its end)", _TIME)
_TRUE = _parameter("true_at", "as it was, by what had occurred until this time", _TIME)
_CURSOR = _parameter("cursor", "where the last page ended: its `next`", _TEXT)
_AFTER = _parameter("after", "only what comes after this position", _POSITION)
_LIMIT = _parameter(
    "limit",
    "how many at most",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
)
_RESUME = _parameter("Last-Event-ID", "resume after this position", _POSITION, "header")
_SOURCE = _parameter("source", "the publishing system", _TEXT)
_TAG = _parameter(
    "tag",
    "kind:value; all that are given",
    {"type": "array", "items": {"type": "string", "pattern": "^[^:]+:.+$"}},
)


def _problems() -> Schema:
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in _PROBLEMS.items()}


def _get(group: str, text: str, parameters: Sequence[Schema], content: Mapping[str, Schema]) -> Schema:
    answers = {"description": text, "content": {media: {"schema": each} for media, each in content.items()}}
    return {
        "get": {
            "tags": [group],
            "summary": text,
            "parameters": list(parameters),
            "responses": {"200": answers, "304": {"description": "Not modified"}, **_problems()},
        }
    }


def _json(schema: Schema) -> dict[str, Schema]:
    return {"application/json": schema}


def _page(items: Schema, **more: Schema) -> Schema:
    properties = {"items": {"type": "array", "items": items}, "next": {"type": ["string", "null"]}, **more}
    return {"type": "object", "required": ["items", "next"], "properties": properties}


def _hint(model: ReadModel[Any], field: str) -> Schema:
    return _TYPES.get(model.columns()[field], _TEXT)


def _filters(model: ReadModel[Any]) -> list[Schema]:
    found = []
    for field in dict.fromkeys((*model.key, *model.filter)):
        schema = _hint(model, field)
        found.append(_parameter(field, "only these", schema))
        found.append(_parameter(f"{field}[gte]", "from here on", schema))
        found.append(_parameter(f"{field}[lte]", "up to here", schema))
        listed = {"type": "array", "items": schema, "minItems": 1}
        found.append(_parameter(f"{field}[in]", "one of these", listed, style="form", explode=False))
    return found


def _dated(model: ReadModel[Any]) -> list[Schema]:
    if not hasattr(model.row, "at"):
        return []
    return [_parameter("on", "with the figures of this day", {"type": "string", "format": "date"})]


def _fields(model: ReadModel[Any]) -> Schema:
    return _several("fields", "only these fields, and the position", (*model.columns(), "position"))


def _listing(model: ReadModel[Any]) -> list[Schema]:
    sortable = dict.fromkeys((*model.key, *model.sort))
    sums = [
        name for name, hint in model.columns().items() if hint in (int, int | None) and name not in model.key
    ]
    by = [name for name in dict.fromkeys((*model.key, *model.filter)) if model.columns()[name] is not bytes]
    found = [
        *_filters(model),
        _several("sort", "in this order; `-` falls", (*sortable, *(f"-{each}" for each in sortable))),
        _fields(model),
        *(_LIMIT, _CURSOR, _WAIT, _SEALED),
        *_dated(model),
    ]
    if sums:
        found.append(_several("sum", "add these fields up instead of listing", sums))
        found.append(_several("by", "with sum: apart for each value of these fields", by))
    return found


def _model_paths(model: ReadModel[Any]) -> Schema:
    name, row = model.name, reference(schemas.row_name(model.name))
    key = [
        _parameter(each, "part of the key", _hint(model, each), "path", required=True) for each in model.key
    ]
    path = f"/{name}" + "".join(f"/{{{each}}}" for each in model.key)
    item = [*key, _fields(model), _WAIT, _KNOWN, _TRUE, _SEALED, *_dated(model)]
    page = _json(_page({"anyOf": [row, {"type": "object"}]}, position=_POSITION))
    stream = {"text/event-stream": _TEXT}
    found = {
        f"/{name}": _get(name, model.description, _listing(model), page),
        path: _get(name, f"One row. {model.description}", item, _json({"anyOf": [row, {"type": "object"}]})),
        f"/{name}/export": _get(
            name, "All rows as JSON Lines", [_fields(model), _WAIT, _SEALED], {"application/jsonl": _TEXT}
        ),
        f"/{name}/stream": _get(name, "Rows as they change, live", [_AFTER, _SEALED, _RESUME], stream),
        f"/explain{path}": _get(
            name, "Which event set which field of a row", [*key, _KNOWN, _SEALED], _json({"type": "object"})
        ),
    }
    if len(model.key) > 1:
        begun = f"/{name}/{{{model.key[0]}}}"
        own = [each for each in _listing(model) if each["name"].partition("[")[0] != model.key[0]]
        found[begun] = _get(name, "The rows of one", [key[0], *own, _KNOWN, _TRUE], page)
    return found


def _log_paths() -> Schema:
    types = _several("type", "one of these types", by_name())
    told, group = reference("Event"), "events"
    search = [
        *(_TAG, types, _SOURCE, _AFTER),
        _parameter("before", "only what comes before this position", _POSITION),
        _parameter("from", "recorded from this time on", _TIME),
        _parameter("to", "recorded up to this time", _TIME),
        _parameter("backwards", "the newest first", _FLAG),
        *(_LIMIT, _CURSOR, _SEALED),
    ]
    position = _parameter("position", "the position in the log", _POSITION, "path", required=True)
    source = _parameter("source", "the publishing system", _TEXT, "path", required=True)
    place: Schema = {"anyOf": [_POSITION, *_TIME["anyOf"]]}
    span = [
        _parameter("from", "from this position, or recorded from this time on", place),
        _parameter("to", "up to this position, or recorded up to this time", place),
    ]
    item = {"type": "object", "required": ["id", "position", "digest"]}
    stream = {"text/event-stream": _TEXT}
    return {
        "/events": _get(group, "Events of the log", search, _json(_page(told))) | _publish(),
        "/events/{position}": _get(
            group, "One event", [position, _SEALED], {STRUCTURED: told, "application/octet-stream": _TEXT}
        ),
        "/events/stream": _get(
            group, "Events, live", [_TAG, types, _SOURCE, _AFTER, _SEALED, _RESUME], stream
        ),
        "/sources/{source}/events": _get(
            group, "What the log has of one publisher", [source, *span, _LIMIT, _CURSOR], _json(_page(item))
        ),
    }


def _publish() -> Schema:
    event = reference("CloudEvent")
    verdicts = _json({"type": "object"})
    statuses = {
        "200": "Known already, or a batch with its verdicts",
        "201": "Recorded",
    }
    answers = {
        status: {"description": text, "content": {m: {"schema": s} for m, s in verdicts.items()}}
        for status, text in statuses.items()
    }
    return {
        "post": {
            "tags": ["events"],
            "summary": "Publish one event, or a batch",
            "parameters": [
                _parameter("atomic", "all events of the batch or none", _FLAG),
                _parameter("dry_run", "judge, and write nothing", _FLAG),
            ],
            "requestBody": {
                "required": True,
                "content": {
                    STRUCTURED: {"schema": event},
                    BATCH: {"schema": {"type": "array", "items": event}},
                },
            },
            "responses": {**answers, **_problems()},
        }
    }


def _refused_path() -> Schema:
    parameters = [
        _parameter("code", "what was refused with this code", _TEXT),
        _SOURCE,
        _parameter("retried", "also what was published again since", _FLAG),
        *(_LIMIT, _CURSOR, _SEALED),
    ]
    text = "Messages of the inbox that were refused"
    return {"/refused": _get("events", text, parameters, _json(_page({"type": "object"})))}


def _system_paths() -> Schema:
    anything = _json({"type": "object"})
    return {
        "/health": _get("system", "Whether the process is alive", (), anything),
        "/ready": _get("system", "Whether everything can be queried", (), anything),
        "/metrics": _get("system", "Figures for Prometheus", (), {"text/plain": _TEXT}),
    }


def document(models: Sequence[ReadModel[Any]], version: str) -> Schema:
    """Return the whole document."""
    paths = _log_paths()
    for model in models:
        paths |= _model_paths(model)
    problem = {"application/problem+json": {"schema": reference("Problem")}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pujiang 浦江", "version": version, "description": summary(ReadModel)},
        "tags": [
            {"name": "events"},
            *({"name": each.name, "description": each.description} for each in models),
        ],
        "paths": paths | _refused_path() | _system_paths(),
        "components": {
            "schemas": {
                **schemas.of_events(),
                **schemas.of_rows(models),
                "Event": schemas.told_event(),
                "Problem": dict(schemas.PROBLEM),
            },
            "responses": {name: {"description": name, "content": problem} for name in _PROBLEMS.values()},
        },
    }
