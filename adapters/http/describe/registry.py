"""The part of `/openapi.json` about `/registry`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.contracts import registry
from adapters.contracts.registry import COMPATIBILITY, SCHEMA_TYPE
from adapters.http.describe.parts import in_path
from adapters.http.describe.schemas import Schema, parameter, reference
from adapters.http.protocol.address import Operations, Piece
from adapters.http.protocol.media import JSON, REGISTRY
from adapters.http.protocol.problems import MEDIA_TYPE as PROBLEM

GROUP = "registry"
ABOUT = "The contracts over Confluent's Schema Registry API, read-only"

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
            "schemaType": {"type": ["string", "null"], "enum": [SCHEMA_TYPE, None]},
            "references": {"type": ["array", "null"], "items": {"type": "object"}, "maxItems": 0},
        },
    },
    "RegistryContract": {
        "type": "object",
        "required": ["subject", "version", "id", "schemaType", "schema"],
        "properties": {
            **_VERSION_OF,
            "id": _NUMBER,
            "schemaType": {"type": "string", "const": SCHEMA_TYPE},
            "schema": _TEXT,
        },
    },
}

_IN_PATH: Mapping[str, Schema] = {
    "subject": in_path("subject", "full name of a record"),
    "version": in_path("version", "a number from 1, or `latest`"),
    "id": in_path("id", "the id of a contract"),
}
_PREFIX = parameter("subjectPrefix", "only subjects with this prefix", _TEXT)
_ONE = parameter("subject", "only this subject", _TEXT)
# Clients spell flags as their language does (`False`), so whatever is not `true` counts as false.
_NEWEST = parameter("latestOnly", "`true`: only the newest version of each", _TEXT)
_LAST = parameter("fetchMaxId", "`true`: also return the largest id", _TEXT)
_VERBOSE = parameter("verbose", "`true`: also return what is incompatible", _TEXT)
_PAGE = (
    parameter("offset", "how many to skip", _NUMBER),
    parameter("limit", "how many to return at most; negative: all", _NUMBER),
)


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(required: Mapping[str, Schema], **more: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": {**required, **more}}


def _content(schema: Schema) -> Schema:
    return {media: {"schema": schema} for media in (REGISTRY, JSON)}


def _piece(text: str, parameters: Sequence[Schema], answers: Mapping[str, Any], **more: Any) -> Piece:
    # A request that the registry never sees (for another host, or of an impossible path) is answered by a problem.
    content = _content(reference("RegistryError")) | {PROBLEM: {"schema": reference("Problem")}}
    responses = {**answers, "default": {"description": "An error", "content": content}}

    def piece(path: str) -> Operations:
        own = [each for name, each in _IN_PATH.items() if f"{{{name}}}" in path]
        operation = {"tags": [GROUP], "summary": text, "parameters": [*own, *parameters], **more}
        return {path: {**operation, "responses": responses}}

    return piece


def _get(text: str, schema: Schema, *parameters: Schema) -> Piece:
    return _piece(text, parameters, {"200": {"description": text, "content": _content(schema)}})


def _post(text: str, schema: Schema, *parameters: Schema) -> Piece:
    body = {"required": True, "content": _content(reference("RegistryCandidate"))}
    answers = {"200": {"description": text, "content": _content(schema)}}
    return _piece(text, parameters, answers, requestBody=body)


_CONTRACT = reference("RegistryContract")
_VERDICT = _object({"is_compatible": {"type": "boolean"}}, messages=_NAMES)

ROOT = _get("An empty object", {"type": "object"})
CONTEXTS = _get("The only context", _NAMES, *_PAGE)
CONTRACTS = _get("All contracts", _list(_CONTRACT), _PREFIX, _NEWEST, *_PAGE)
TYPES = _get("The supported types of schema", _NAMES)
BY_ID = _get("The schema under an id", _object({"schema": _TEXT}), _LAST)
BY_ID_SCHEMA = _get("The schema under an id, alone", _SCHEMA)
BY_ID_SUBJECTS = _get("The subject of an id", _NAMES, _ONE, *_PAGE)
BY_ID_VERSIONS = _get("Subject and version of an id", _list(_object(_VERSION_OF)), _ONE, *_PAGE)
SUBJECTS = _get("All subjects", _NAMES, _PREFIX, *_PAGE)
FIND = _post("Look up a schema under a subject", _CONTRACT)
VERSIONS = _get("The versions of a subject", _list(_NUMBER), *_PAGE)
REGISTER = _post("The id of a published schema; any other is rejected", _object({"id": _NUMBER}))
VERSION = _get("A version", _CONTRACT)
VERSION_SCHEMA = _get("The schema of a version", _SCHEMA)
REFERENCED_BY = _get("Schemas that refer to a version: none", _list(_NUMBER))
COMPATIBLE = _post("Whether a schema is compatible with all versions", _VERDICT, _VERBOSE)
COMPATIBLE_WITH = _post("Whether a schema is compatible with one version", _VERDICT, _VERBOSE)
CONFIG = _get(
    "The compatibility level of all changes", _object({"compatibilityLevel": {"const": COMPATIBILITY}})
)
MODE = _get("The mode: read-only", _object({"mode": {"const": registry.MODE}}))
REFUSAL = _piece("Always rejected with 42205: the registry is read-only", (), {})
