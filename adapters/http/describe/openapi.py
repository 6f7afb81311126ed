"""`/openapi.json`: the API as OpenAPI 3.1, made of the table of addresses and of the catalogues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.http.describe import answers, registry, schemas
from adapters.http.describe.labelled import described
from adapters.http.describe.parts import PROBLEMS
from adapters.http.describe.schemas import Schema, reference
from adapters.http.protocol.address import Address
from events.catalogue import publishable
from events.contract import summary
from events.labels.table import Labels, Language, labels
from projections.catalogue import CONTEXTS
from projections.read_model import ReadModel


def document(
    addresses: Iterable[Address], models: Sequence[ReadModel[Any]], version: str, language: Language = "en"
) -> Schema:
    """Return the whole document, with labels in a language."""
    found = labels(language)
    paths = _paths(addresses, found)
    problem = {"application/problem+json": {"schema": reference("Problem")}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pujiang 浦江", "version": version, "description": summary(ReadModel)},
        "tags": _tags(paths, found),
        "paths": paths,
        "components": {
            "schemas": {
                **_events(found),
                **schemas.of_rows(models, found),
                **answers.of_answers(models, found),
                **registry.SCHEMAS,
            },
            "responses": {name: {"description": name, "content": problem} for name in PROBLEMS.values()},
        },
    }


def _paths(addresses: Iterable[Address], labels: Labels) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for each in addresses:
        for path, operation in each.operations().items():
            named = {"operationId": operation_id(each.method, path), **operation}
            if model := operation.get("x-model"):
                named["summary"] = described(labels.models.get(model), operation["summary"])
            found.setdefault(path, {})[each.method.lower()] = named
    return found


def operation_id(method: str, path: str) -> str:
    """Return the name that generated clients give to an operation: `get_students_by_person`."""
    words = re.sub(r"[^a-z0-9]+", "_", path.replace("{", "by_")).strip("_")
    return f"{method.lower()}_{words or 'index'}"


def _events(labels: Labels) -> Schema:
    """Return the schemas of events, with the type as what clients choose by (AsyncAPI says it otherwise)."""
    found = schemas.of_events(labels)
    mapping = {name: reference(schemas.event_name(name))["$ref"] for name in publishable()}
    found["CloudEvent"]["discriminator"] = {"propertyName": "type", "mapping": mapping}
    return found


def _tags(paths: Mapping[str, Schema], labels: Labels) -> list[Schema]:
    """Return the groups of the operations, the contexts of read models last, with what is said about them."""
    about = {
        registry.GROUP: registry.ABOUT,
        **{name: described(labels.contexts[name], f"read models of the context {name}") for name in CONTEXTS},
    }
    used = {
        name: None for each in paths.values() for operation in each.values() for name in operation["tags"]
    }
    names = sorted(used, key=list(CONTEXTS).__contains__)
    return [{"name": name} | ({"description": about[name]} if name in about else {}) for name in names]
