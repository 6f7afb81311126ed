"""What `/openapi.json` says of the log: publishing events, and reading them."""

from __future__ import annotations

from adapters.http.describe.parts import (
    AFTER,
    CURSOR,
    EVENT_AT,
    FLAG,
    LIMIT,
    OBJECT,
    POSITION,
    RESUME,
    SEALED,
    SOURCE,
    STREAM,
    TAG,
    TEXT,
    TIME,
    in_json,
    in_path,
    paged,
    problems,
    reading,
    several,
)
from adapters.http.describe.schemas import Schema, parameter, reference
from adapters.http.protocol.address import Operations
from adapters.wire.cloudevent import BATCH, STRUCTURED
from events.catalogue import by_name

_GROUP = "events"


def _types() -> Schema:
    return several("type", "one of these types", by_name())


def search(path: str) -> Operations:
    """Return the operation that searches the log."""
    parameters = [
        *(TAG, _types(), SOURCE, AFTER),
        parameter("before", "only what comes before this position", POSITION),
        parameter("from", "recorded from this time on", TIME),
        parameter("to", "recorded up to this time", TIME),
        parameter("backwards", "the newest first", FLAG),
        *(LIMIT, CURSOR, SEALED),
    ]
    return {path: reading(_GROUP, "Events of the log", parameters, in_json(paged(reference("Event"))))}


def one(path: str) -> Operations:
    """Return the operation that reads one event."""
    content = {STRUCTURED: reference("Event"), "application/octet-stream": TEXT}
    return {path: reading(_GROUP, "One event", [EVENT_AT, SEALED], content)}


def stream(path: str) -> Operations:
    """Return the operation that follows the log."""
    return {path: reading(_GROUP, "Events, live", [TAG, _types(), SOURCE, AFTER, SEALED, RESUME], STREAM)}


def of_source(path: str) -> Operations:
    """Return the operation that lists what one publisher has in the log."""
    place: Schema = {"anyOf": [POSITION, *TIME["anyOf"]]}
    parameters = [
        in_path("source", "the publishing system"),
        parameter("from", "from this position, or recorded from this time on", place),
        parameter("to", "up to this position, or recorded up to this time", place),
        *(LIMIT, CURSOR),
    ]
    item = {"type": "object", "required": ["id", "position", "digest"]}
    text = "What the log has of one publisher"
    return {path: reading(_GROUP, text, parameters, in_json(paged(item)))}


def refused(path: str) -> Operations:
    """Return the operation that lists refused messages of the inbox."""
    parameters = [
        parameter("code", "what was refused with this code", TEXT),
        SOURCE,
        parameter("retried", "also what was published again since", FLAG),
        *(LIMIT, CURSOR, SEALED),
    ]
    text = "Messages of the inbox that were refused"
    return {path: reading(_GROUP, text, parameters, in_json(paged({"type": "object"})))}


def publish(path: str) -> Operations:
    """Return the operation that publishes."""
    event = reference("CloudEvent")
    statuses = {
        "200": "Known already, or a batch with its verdicts",
        "201": "Recorded",
    }
    answers = {
        status: {"description": text, "content": {media: {"schema": each} for media, each in OBJECT.items()}}
        for status, text in statuses.items()
    }
    operation = {
        "tags": [_GROUP],
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
    return {path: operation}
