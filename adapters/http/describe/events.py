"""The part of `/openapi.json` about the log: publishing events, and reading them."""

from __future__ import annotations

from adapters.http.describe.examples import of_batches, of_single_events
from adapters.http.describe.parts import (
    AFTER,
    CURSOR,
    EVENT_AT,
    FLAG,
    LIMIT,
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
    return several("type", "of one of these types", by_name())


def search(path: str) -> Operations:
    """Describe searching the log."""
    parameters = [
        *(TAG, _types(), SOURCE, AFTER),
        parameter("before", "only before this position", POSITION),
        parameter("from", "recorded at this time or later", TIME),
        parameter("to", "recorded at this time or earlier", TIME),
        parameter("backwards", "newest first", FLAG),
        *(LIMIT, CURSOR, SEALED),
    ]
    return {path: reading(_GROUP, "Events of the log", parameters, in_json(reference("page.Event")))}


def one(path: str) -> Operations:
    """Describe reading one event."""
    content = {STRUCTURED: reference("Event"), "application/octet-stream": TEXT}
    return {path: reading(_GROUP, "One event", [EVENT_AT, SEALED], content)}


def stream(path: str) -> Operations:
    """Describe following the log."""
    return {path: reading(_GROUP, "Events, live", [TAG, _types(), SOURCE, AFTER, SEALED, RESUME], STREAM)}


def of_source(path: str) -> Operations:
    """Describe listing the events of one publisher."""
    place: Schema = {"anyOf": [POSITION, *TIME["anyOf"]]}
    parameters = [
        in_path("source", "the publishing system"),
        parameter("from", "a position or a time, included", place),
        parameter("to", "a position or a time, included", place),
        *(LIMIT, CURSOR),
    ]
    text = "Id, position and digest of each event of one publisher"
    return {path: reading(_GROUP, text, parameters, in_json(reference("page.SourceEvent")))}


def refused(path: str) -> Operations:
    """Describe listing refused messages of the inbox."""
    parameters = [
        parameter("code", "refused with this code", TEXT),
        SOURCE,
        parameter("retried", "include messages that were retried since", FLAG),
        *(LIMIT, CURSOR, SEALED),
    ]
    text = "Refused messages of the inbox"
    return {path: reading(_GROUP, text, parameters, in_json(reference("page.RefusedMessage")))}


def publish(path: str) -> Operations:
    """Describe publishing one event."""
    text = "Publish one event; a batch can be sent here too, or to /events/batch"
    statuses = {"200": "Recorded before, retracted since, or admissible (`dry_run`)", "201": "Recorded"}
    content: Schema = {STRUCTURED: {"schema": reference("CloudEvent"), "examples": of_single_events()}}
    return {path: _publishing(text, content, statuses, "Verdict", [_DRY_RUN])}


def publish_batch(path: str) -> Operations:
    """Describe publishing a batch, apart from single events: generators choose among the forms of one body badly."""
    items = {"type": "array", "items": reference("CloudEvent")}
    statuses = {"200": "A verdict on each event", "201": "All recorded (`atomic`)"}
    content: Schema = {BATCH: {"schema": items, "examples": of_batches()}}
    return {
        path: _publishing("Publish a batch of events", content, statuses, "Verdicts", [_ATOMIC, _DRY_RUN])
    }


def numbers(path: str) -> Operations:
    """Describe issuing person numbers."""
    return {
        path: {
            "tags": [_GROUP],
            "summary": "Fresh, random numbers for persons who have none yet",
            "parameters": [parameter("count", "how many", LIMIT["schema"] | {"default": 1})],
            "responses": {
                "200": {
                    "description": "Numbers that nobody has",
                    "content": in_json({"schema": reference("PersonNumbers")}),
                },
                **problems(),
            },
        }
    }


_ATOMIC = parameter("atomic", "record all events of the batch or none", FLAG)
_DRY_RUN = parameter("dry_run", "judge without recording", FLAG)


def _publishing(
    text: str, content: Schema, statuses: dict[str, str], answer: str, parameters: list[Schema]
) -> Schema:
    answers = {
        status: {"description": said, "content": in_json({"schema": reference(answer)})}
        for status, said in statuses.items()
    }
    return {
        "tags": [_GROUP],
        "summary": text,
        "parameters": parameters,
        "requestBody": {"required": True, "content": content},
        "responses": {**answers, **problems("409", "422")},
    }
