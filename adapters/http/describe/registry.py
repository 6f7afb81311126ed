"""The part of `/openapi.json` that describes `/registry`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.contracts.registry import COMPATIBILITY, MODE, SCHEMA_TYPE
from adapters.http.describe.schemas import Schema, parameter, reference
from adapters.http.protocol.media import JSON
from adapters.http.protocol.problems import MEDIA_TYPE as PROBLEM
from adapters.http.registry.api import PREFIX
from adapters.http.registry.wire import MEDIA

ABOUT = "The contracts, over Confluent's Schema Registry API; read-only"

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_SCHEMA: Schema = {"type": "object", "description": "an Avro schema"}
_NAMES: Schema = {"type": "array", "items": _TEXT}
_VERSION_OF: Schema = {"subject": _TEXT, "version": _NUMBER}

SCHEMAS: Mapping[str, Schema] = {
    "RegistryError": {
        "type": "object",
        "required": ["error_code", "message"],
        "properties": {"error_code": _NUMBER, "message": _TEXT},
    },
    "RegistryCandidate": {
        "type": "object",
        "required": ["schema"],
        "properties": {
            "schema": {"type": "string", "description": "an Avro schema, as JSON in a text"},
            "schemaType": {"enum": [SCHEMA_TYPE, None]},
            "references": {"type": ["array", "null"], "maxItems": 0},
        },
    },
    "RegistryContract": {
        "type": "object",
        "required": ["subject", "version", "id", "schemaType", "schema"],
        "properties": {**_VERSION_OF, "id": _NUMBER, "schemaType": {"const": SCHEMA_TYPE}, "schema": _TEXT},
    },
}

_SUBJECT = parameter("subject", "the full name of a record", _TEXT, "path", required=True)
_VERSION = parameter("version", "a number from 1, or `latest`", _TEXT, "path", required=True)
_ID = parameter("id", "the id of a contract", _TEXT, "path", required=True)
_PREFIX = parameter("subjectPrefix", "only subjects that begin so", _TEXT)
_ONE = parameter("subject", "only this subject", _TEXT)
# Clients write flags in their own language's letters (`False`), so whatever is not `true` is taken as false.
_NEWEST = parameter("latestOnly", "`true`: only the newest version of each", _TEXT)
_LAST = parameter("fetchMaxId", "`true`: tell the largest id too", _TEXT)
_VERBOSE = parameter("verbose", "`true`: tell what is incompatible", _TEXT)
_PAGE = (
    parameter("offset", "how many to pass over", _NUMBER),
    parameter("limit", "how many at most; all, if it is below 0", _NUMBER),
)


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _fixed(name: str, value: str) -> Schema:
    return {"type": "object", "required": [name], "properties": {name: {"const": value}}}


def _content(schema: Schema) -> Schema:
    return {media: {"schema": schema} for media in (MEDIA, JSON)}


def _operation(text: str, parameters: Sequence[Schema], answers: Mapping[str, Any], **more: Any) -> Schema:
    # What does not get as far as the registry (another host, a path that no route can be) is told as elsewhere.
    content = _content(reference("RegistryError")) | {PROBLEM: {"schema": reference("Problem")}}
    errors = {"default": {"description": "An error", "content": content}}
    told = {"tags": ["registry"], "summary": text, "parameters": list(parameters), **more}
    return {**told, "responses": {**answers, **errors}}


def _get(text: str, parameters: Sequence[Schema], schema: Schema) -> Schema:
    return {"get": _operation(text, parameters, {"200": {"description": text, "content": _content(schema)}})}


def _post(text: str, parameters: Sequence[Schema], schema: Schema) -> Schema:
    body = {"required": True, "content": _content(reference("RegistryCandidate"))}
    answers = {"200": {"description": text, "content": _content(schema)}}
    return {"post": _operation(text, parameters, answers, requestBody=body)}


def _refused(parameters: Sequence[Schema], *methods: str) -> Schema:
    return {each: _operation("Always refused: 42205", parameters, {}) for each in methods}


def _setting(path: str, text: str, schema: Schema) -> Schema:
    return {
        path: _get(text, (), schema) | _refused((), "put", "delete"),
        f"{path}/{{subject}}": _get(text, [_SUBJECT], schema) | _refused([_SUBJECT], "put", "delete"),
    }


def _subject_paths() -> Schema:
    contract, version = reference("RegistryContract"), [_SUBJECT, _VERSION]
    subject = "/subjects/{subject}"
    one = f"{subject}/versions/{{version}}"
    number = {"type": "object", "required": ["id"], "properties": {"id": _NUMBER}}
    return {
        "/subjects": _get("All subjects", [_PREFIX, *_PAGE], _NAMES),
        subject: _post("Find a schema", [_SUBJECT], contract) | _refused([_SUBJECT], "delete"),
        f"{subject}/versions": _get("The versions of a subject", [_SUBJECT, *_PAGE], _list(_NUMBER))
        | _post("The id of a published schema; any other is refused", [_SUBJECT], number),
        one: _get("A version", version, contract) | _refused(version, "delete"),
        f"{one}/schema": _get("The schema of a version", version, _SCHEMA),
        f"{one}/referencedby": _get("What refers to a version: nothing", version, _list(_NUMBER)),
    }


def _other_paths() -> Schema:
    of_id, path = [_ID, _ONE, *_PAGE], "/schemas/ids/{id}"
    found = {"type": "object", "required": ["schema"], "properties": {"schema": _TEXT}}
    verdict = {
        "type": "object",
        "required": ["is_compatible"],
        "properties": {"is_compatible": {"type": "boolean"}, "messages": _NAMES},
    }
    versions = {"type": "object", "required": list(_VERSION_OF), "properties": dict(_VERSION_OF)}
    check, tested = "/compatibility/subjects/{subject}/versions", "Whether a schema is compatible with"
    return {
        "/schemas": _get("All contracts", [_PREFIX, _NEWEST, *_PAGE], _list(reference("RegistryContract"))),
        "/schemas/types": _get("The kinds of schemas", (), _NAMES),
        path: _get("The schema under an id", [_ID, _LAST], found),
        f"{path}/schema": _get("Nothing but the schema", [_ID], _SCHEMA),
        f"{path}/subjects": _get("The subject of an id", of_id, _NAMES),
        f"{path}/versions": _get("Subject and version of an id", of_id, _list(versions)),
        check: _post(f"{tested} all versions", [_SUBJECT, _VERBOSE], verdict),
        f"{check}/{{version}}": _post(f"{tested} one version", [_SUBJECT, _VERSION, _VERBOSE], verdict),
        "/contexts": _get("The one context", _PAGE, _NAMES),
    }


def paths() -> Schema:
    """Return the addresses of the registry."""
    found = {
        **_subject_paths(),
        **_other_paths(),
        **_setting("/config", "What changes are held to", _fixed("compatibilityLevel", COMPATIBILITY)),
        **_setting("/mode", "That nothing can be written", _fixed("mode", MODE)),
    }
    return {PREFIX + path: told for path, told in found.items()}
