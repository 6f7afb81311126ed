"""`/openapi.json`: the API as OpenAPI 3.1, made of the table of addresses and of the catalogues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters.http.describe import registry, schemas
from adapters.http.describe.parts import PROBLEMS
from adapters.http.describe.schemas import Schema, reference
from adapters.http.protocol.address import Address
from events.contract import summary
from projections.read_model import ReadModel


def document(addresses: Iterable[Address], models: Sequence[ReadModel[Any]], version: str) -> Schema:
    """Return the whole document."""
    paths = _paths(addresses)
    problem = {"application/problem+json": {"schema": reference("Problem")}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pujiang 浦江", "version": version, "description": summary(ReadModel)},
        "tags": _tags(paths, models),
        "paths": paths,
        "components": {
            "schemas": {
                **schemas.of_events(),
                **schemas.of_rows(models),
                "Event": schemas.returned_event(),
                "Problem": dict(schemas.PROBLEM),
                **registry.SCHEMAS,
            },
            "responses": {name: {"description": name, "content": problem} for name in PROBLEMS.values()},
        },
    }


def _paths(addresses: Iterable[Address]) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for each in addresses:
        for path, operation in each.operations().items():
            found.setdefault(path, {})[each.method.lower()] = operation
    return found


def _tags(paths: Mapping[str, Schema], models: Sequence[ReadModel[Any]]) -> list[Schema]:
    """Return the groups of the operations, the read models last, with what is said about them."""
    about = {registry.GROUP: registry.ABOUT, **{each.name: each.description for each in models}}
    used = {
        name: None for each in paths.values() for operation in each.values() for name in operation["tags"]
    }
    names = sorted(used, key=[each.name for each in models].__contains__)
    return [{"name": name} | ({"description": about[name]} if name in about else {}) for name in names]
