"""`/openapi.json`: the API as OpenAPI 3.1, made of the same declarations that it runs on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.cloudevent import BATCH, STRUCTURED
from adapters.http import openapi_registry, schemas
from adapters.http.grammar import DEFAULT_LIMIT, LARGEST_INTEGER, LARGEST_LIMIT
from adapters.http.models import KINDS, Kind
from adapters.http.schemas import Schema, parameter, reference
from adapters.postgres.columns import columns
from events.catalogue import by_name
from events.contract import summary
from projections.read_model import ReadModel

_TEXT: Schema = {"type": "string"}
_POSITION: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
_VALUES: Mapping[Kind, Schema] = {
    "integer": {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER},
    "number": {"type": "number"},
    "boolean": _FLAG,
}
_PROBLEMS = {"400": "BadRequest", "404": "NotFound", "503": "Unavailable", "default": "Problem"}


def _choice(names: Iterable[str]) -> Schema:
    return {"type": "array", "items": {"enum": list(names)}, "minItems": 1}


def _several(name: str, text: str, names: Iterable[str]) -> Schema:
    return parameter(name, text, _choice(names), style="form", explode=False)


def _sort(names: Iterable[str]) -> Schema:
    either = [each for name in names for each in (name, f"-{name}")]
    made = _several("sort", "in this order, each field once; `-` falls", either)
    return made | {"schema": made["schema"] | {"uniqueItems": True}}


_SEALED = parameter("sealed", "leave personal fields sealed (in Base64)", _FLAG)
_EVIDENCE = parameter("evidence", "and tell what the answer rests on, and where its receipts are", _FLAG)
_WAIT = parameter("wait_for", "wait until this position has arrived, 5 s at most", _POSITION)
_KNOWN = parameter("known_at", "as it was known at this time (a day means its end)", _TIME)
_TRUE = parameter("true_at", "as it was, by what had occurred until this time", _TIME)
_CURSOR = parameter("cursor", "where the last page ended: its `next`", _TEXT)
_AFTER = parameter("after", "only what comes after this position", _POSITION)
_LIMIT = parameter(
    "limit",
    "how many at most",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
)
_RESUME = parameter("Last-Event-ID", "resume after this position", _POSITION, "header")
_SOURCE = parameter("source", "the publishing system", _TEXT)
_TAG = parameter(
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


def _kinds(model: ReadModel[Any]) -> dict[str, Kind]:
    return {each.name: KINDS[each.sql] for each in columns(model)}


def _filters(model: ReadModel[Any]) -> list[Schema]:
    found, kinds = [], _kinds(model)
    for field in dict.fromkeys((*model.key, *model.filter)):
        schema = _VALUES.get(kinds[field], _TEXT)
        found.append(parameter(field, "only these", schema))
        if kinds[field] != "sealed":
            found.append(parameter(f"{field}[gte]", "from here on", schema))
            found.append(parameter(f"{field}[lte]", "up to here", schema))
        listed = {"type": "array", "items": schema, "minItems": 1}
        found.append(parameter(f"{field}[in]", "one of these", listed, style="form", explode=False))
    return found


def _dated(model: ReadModel[Any]) -> list[Schema]:
    if not hasattr(model.row, "at"):
        return []
    return [parameter("on", "with the figures of this day", {"type": "string", "format": "date"})]


def _fields(model: ReadModel[Any]) -> Schema:
    return _several("fields", "only these fields, and the position", (*model.columns(), "position"))


def _listing(model: ReadModel[Any]) -> list[Schema]:
    kinds = _kinds(model)
    sums = [name for name, kind in kinds.items() if kind == "integer" and name not in model.key]
    by = [name for name in dict.fromkeys((*model.key, *model.filter)) if kinds[name] != "sealed"]
    found = [
        *_filters(model),
        _sort(dict.fromkeys((*model.key, *model.sort))),
        _fields(model),
        *(_LIMIT, _CURSOR, _WAIT, _KNOWN, _TRUE, _SEALED, _EVIDENCE),
        *_dated(model),
    ]
    if sums:
        found.append(_several("sum", "add these fields up instead of listing", sums))
        found.append(_several("by", "with sum: apart for each value of these fields", by))
    return found


def _model_paths(model: ReadModel[Any]) -> Schema:
    name, row = model.name, reference(schemas.row_name(model.name))
    kinds = _kinds(model)
    key = [
        parameter(each, "part of the key", _VALUES.get(kinds[each], _TEXT), "path", required=True)
        for each in model.key
    ]
    path = f"/{name}" + "".join(f"/{{{each}}}" for each in model.key)
    item = [*key, _fields(model), _WAIT, _KNOWN, _TRUE, _SEALED, _EVIDENCE, *_dated(model)]
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
            name,
            "Which event set which field of a row",
            [*key, _KNOWN, _TRUE, _SEALED],
            _json({"type": "object"}),
        ),
        f"/receipt{path}": _get(
            name, "Receipts of the events that made a row", key, _json({"type": "object"})
        ),
    }
    if len(model.key) > 1:
        begun = f"/{name}/{{{model.key[0]}}}"
        own = [each for each in _listing(model) if each["name"].partition("[")[0] != model.key[0]]
        found[begun] = _get(name, "The rows of one", [key[0], *own], page)
    return found


def _log_paths() -> Schema:
    types = _several("type", "one of these types", by_name())
    told, group = reference("Event"), "events"
    search = [
        *(_TAG, types, _SOURCE, _AFTER),
        parameter("before", "only what comes before this position", _POSITION),
        parameter("from", "recorded from this time on", _TIME),
        parameter("to", "recorded up to this time", _TIME),
        parameter("backwards", "the newest first", _FLAG),
        *(_LIMIT, _CURSOR, _SEALED),
    ]
    position = parameter("position", "the position in the log", _POSITION, "path", required=True)
    source = parameter("source", "the publishing system", _TEXT, "path", required=True)
    place: Schema = {"anyOf": [_POSITION, *_TIME["anyOf"]]}
    span = [
        parameter("from", "from this position, or recorded from this time on", place),
        parameter("to", "up to this position, or recorded up to this time", place),
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
                parameter("atomic", "all events of the batch or none", _FLAG),
                parameter("dry_run", "judge, and write nothing", _FLAG),
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


def _proof_paths() -> Schema:
    group, text = "proof", {"text/plain": _TEXT}
    octets = {"application/octet-stream": _TEXT}
    least_one = {**_POSITION, "minimum": 1}
    path = {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    proof = _json({"type": "object", "required": ["log", "path"], "properties": {"path": path}})
    number = parameter("number", "of the tile: 067, x001/x234/067", _TEXT, "path", required=True)
    width = parameter("width", "of a partial tile", _TEXT, "path", required=True)
    level = parameter("level", "0 to 63, or `entries`", _TEXT, "path", required=True)
    position = parameter("position", "the position in the log", _POSITION, "path", required=True)
    person = parameter("person", "the person's number", _TEXT, "path", required=True)
    included = [
        parameter("position", "of the event", least_one, required=True),
        parameter("size", "of the tree; the log's if left out", least_one),
    ]
    grown = [
        parameter("from", "the smaller size", least_one, required=True),
        parameter("to", "the larger size; the log's if left out", least_one),
    ]
    return {
        "/checkpoint": _get(group, "The log's signed head", (), text),
        "/tile/{level}/{number}": _get(group, "A tile of the tree, or its entries", [level, number], octets),
        "/tile/{level}/{number}.p/{width}": _get(group, "A partial tile", [level, number, width], octets),
        "/proof/inclusion": _get(group, "That an event is in the log", included, proof),
        "/proof/consistency": _get(group, "That the log has only grown", grown, proof),
        "/events/{position}/receipt": _get(group, "A receipt to verify offline", [position], text),
        "/erasure/{person}/certificate": _get(
            group, "What of an erased person can be read no more", [person], text
        ),
        "/add-checkpoint": {"post": _witnessed(group)},
    }


def _witnessed(group: str) -> Schema:
    text, size = {"text/plain": {"schema": _TEXT}}, {"text/x.tlog.size": {"schema": _TEXT}}
    cosigned = {"description": "Cosigned", "content": text}
    conflict = {"description": "A checkpoint of another size was cosigned last", "content": size}
    return {
        "tags": [group],
        "summary": "Cosign another log's checkpoint",
        "requestBody": {"required": True, "content": text},
        "responses": {"200": cosigned, "409": conflict, **_problems()},
    }


def _refused_path() -> Schema:
    parameters = [
        parameter("code", "what was refused with this code", _TEXT),
        _SOURCE,
        parameter("retried", "also what was published again since", _FLAG),
        *(_LIMIT, _CURSOR, _SEALED),
    ]
    text = "Messages of the inbox that were refused"
    return {"/refused": _get("events", text, parameters, _json(_page({"type": "object"})))}


def _system_paths() -> Schema:
    anything = _json({"type": "object"})
    return {
        "/asyncapi.json": _get("system", "The topics of the message bus, as AsyncAPI 3", (), anything),
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
            {"name": "registry", "description": openapi_registry.ABOUT},
            {"name": "proof"},
            *({"name": each.name, "description": each.description} for each in models),
        ],
        "paths": paths | openapi_registry.paths() | _refused_path() | _proof_paths() | _system_paths(),
        "components": {
            "schemas": {
                **schemas.of_events(),
                **schemas.of_rows(models),
                "Event": schemas.told_event(),
                "Problem": dict(schemas.PROBLEM),
                **openapi_registry.SCHEMAS,
            },
            "responses": {name: {"description": name, "content": problem} for name in _PROBLEMS.values()},
        },
    }
