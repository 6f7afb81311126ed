"""`/openapi.json`: the API as OpenAPI 3.1, made of the same declarations that it runs on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.http.describe import proof, registry, schemas
from adapters.http.describe.parts import (
    AFTER,
    CURSOR,
    EVIDENCE,
    FLAG,
    KNOWN,
    LIMIT,
    POSITION,
    PROBLEMS,
    RESUME,
    SEALED,
    SOURCE,
    TAG,
    TEXT,
    TIME,
    TRUE,
    VALUES,
    WAIT,
    get,
    in_json,
    paged,
    problems,
    several,
)
from adapters.http.describe.schemas import Schema, parameter, reference
from adapters.postgres.read.columns import columns
from adapters.postgres.serve.tables import KINDS, Kind
from adapters.wire.cloudevent import BATCH, STRUCTURED
from events.catalogue import by_name
from events.contract import summary
from projections.read_model import ReadModel


def _sort(names: Iterable[str]) -> Schema:
    either = [each for name in names for each in (name, f"-{name}")]
    made = several("sort", "in this order, each field once; `-` falls", either)
    return made | {"schema": made["schema"] | {"uniqueItems": True}}


def _kinds(model: ReadModel[Any]) -> dict[str, Kind]:
    return {each.name: KINDS[each.sql] for each in columns(model)}


def _filters(model: ReadModel[Any]) -> list[Schema]:
    found, kinds = [], _kinds(model)
    for field in dict.fromkeys((*model.key, *model.filter)):
        schema = VALUES.get(kinds[field], TEXT)
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
    return several("fields", "only these fields, and the position", (*model.columns(), "position"))


def _listing(model: ReadModel[Any]) -> list[Schema]:
    kinds = _kinds(model)
    sums = [name for name, kind in kinds.items() if kind == "integer" and name not in model.key]
    by = [name for name in dict.fromkeys((*model.key, *model.filter)) if kinds[name] != "sealed"]
    found = [
        *_filters(model),
        _sort(dict.fromkeys((*model.key, *model.sort))),
        _fields(model),
        *(LIMIT, CURSOR, WAIT, KNOWN, TRUE, SEALED, EVIDENCE),
        *_dated(model),
    ]
    if sums:
        found.append(several("sum", "add these fields up instead of listing", sums))
        found.append(several("by", "with sum: apart for each value of these fields", by))
    return found


def _model_paths(model: ReadModel[Any]) -> Schema:
    name, row = model.name, reference(schemas.row_name(model.name))
    kinds = _kinds(model)
    key = [
        parameter(each, "part of the key", VALUES.get(kinds[each], TEXT), "path", required=True)
        for each in model.key
    ]
    path = f"/{name}" + "".join(f"/{{{each}}}" for each in model.key)
    item = [*key, _fields(model), WAIT, KNOWN, TRUE, SEALED, EVIDENCE, *_dated(model)]
    page = in_json(paged({"anyOf": [row, {"type": "object"}]}, position=POSITION))
    stream = {"text/event-stream": TEXT}
    found = {
        f"/{name}": get(name, model.description, _listing(model), page),
        path: get(name, f"One row. {model.description}", item, in_json({"anyOf": [row, {"type": "object"}]})),
        f"/{name}/export": get(
            name, "All rows as JSON Lines", [_fields(model), WAIT, SEALED], {"application/jsonl": TEXT}
        ),
        f"/{name}/stream": get(name, "Rows as they change, live", [AFTER, SEALED, RESUME], stream),
        f"/explain{path}": get(
            name,
            "Which event set which field of a row",
            [*key, KNOWN, TRUE, SEALED],
            in_json({"type": "object"}),
        ),
        f"/receipt{path}": get(
            name, "Receipts of the events that made a row", key, in_json({"type": "object"})
        ),
    }
    if len(model.key) > 1:
        begun = f"/{name}/{{{model.key[0]}}}"
        own = [each for each in _listing(model) if each["name"].partition("[")[0] != model.key[0]]
        found[begun] = get(name, "The rows of one", [key[0], *own], page)
    return found


def _log_paths() -> Schema:
    types = several("type", "one of these types", by_name())
    told, group = reference("Event"), "events"
    search = [
        *(TAG, types, SOURCE, AFTER),
        parameter("before", "only what comes before this position", POSITION),
        parameter("from", "recorded from this time on", TIME),
        parameter("to", "recorded up to this time", TIME),
        parameter("backwards", "the newest first", FLAG),
        *(LIMIT, CURSOR, SEALED),
    ]
    position = parameter("position", "the position in the log", POSITION, "path", required=True)
    source = parameter("source", "the publishing system", TEXT, "path", required=True)
    place: Schema = {"anyOf": [POSITION, *TIME["anyOf"]]}
    span = [
        parameter("from", "from this position, or recorded from this time on", place),
        parameter("to", "up to this position, or recorded up to this time", place),
    ]
    item = {"type": "object", "required": ["id", "position", "digest"]}
    stream = {"text/event-stream": TEXT}
    return {
        "/events": get(group, "Events of the log", search, in_json(paged(told))) | _publish(),
        "/events/{position}": get(
            group, "One event", [position, SEALED], {STRUCTURED: told, "application/octet-stream": TEXT}
        ),
        "/events/stream": get(group, "Events, live", [TAG, types, SOURCE, AFTER, SEALED, RESUME], stream),
        "/sources/{source}/events": get(
            group, "What the log has of one publisher", [source, *span, LIMIT, CURSOR], in_json(paged(item))
        ),
    }


def _publish() -> Schema:
    event = reference("CloudEvent")
    verdicts = in_json({"type": "object"})
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
                parameter("atomic", "all events of the batch or none", FLAG),
                parameter("dry_run", "judge, and write nothing", FLAG),
            ],
            "requestBody": {
                "required": True,
                "content": {
                    STRUCTURED: {"schema": event},
                    BATCH: {"schema": {"type": "array", "items": event}},
                },
            },
            "responses": {**answers, **problems()},
        }
    }


def _refused_path() -> Schema:
    parameters = [
        parameter("code", "what was refused with this code", TEXT),
        SOURCE,
        parameter("retried", "also what was published again since", FLAG),
        *(LIMIT, CURSOR, SEALED),
    ]
    text = "Messages of the inbox that were refused"
    return {"/refused": get("events", text, parameters, in_json(paged({"type": "object"})))}


def _system_paths() -> Schema:
    anything = in_json({"type": "object"})
    return {
        "/asyncapi.json": get("system", "The topics of the message bus, as AsyncAPI 3", (), anything),
        "/health": get("system", "Whether the process is alive", (), anything),
        "/ready": get("system", "Whether everything can be queried", (), anything),
        "/metrics": get("system", "Figures for Prometheus", (), {"text/plain": TEXT}),
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
            {"name": "registry", "description": registry.ABOUT},
            {"name": "proof"},
            *({"name": each.name, "description": each.description} for each in models),
        ],
        "paths": paths | registry.paths() | _refused_path() | proof.paths() | _system_paths(),
        "components": {
            "schemas": {
                **schemas.of_events(),
                **schemas.of_rows(models),
                "Event": schemas.told_event(),
                "Problem": dict(schemas.PROBLEM),
                **registry.SCHEMAS,
            },
            "responses": {name: {"description": name, "content": problem} for name in PROBLEMS.values()},
        },
    }
