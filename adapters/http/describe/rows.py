"""The part of `/openapi.json` about read models: for each its own paths, columns, filters and sorts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from adapters.http.describe.parts import (
    AFTER,
    CURSOR,
    EVIDENCE,
    KNOWN,
    LIMIT,
    RESUME,
    SEALED,
    STREAM,
    TEXT,
    TRUE,
    VALUES,
    WAIT,
    in_json,
    in_path,
    reading,
    several,
)
from adapters.http.describe.schemas import Schema, parameter, reference
from adapters.http.protocol.address import Operations
from adapters.http.protocol.grammar import LIST_OPTIONS
from adapters.postgres.read.columns import columns
from adapters.postgres.serve.tables import KINDS, Kind
from projections.catalogue import contexts
from projections.read_model import ReadModel

Model = ReadModel[Any]

_EXPLANATION, _RECEIPTS = in_json(reference("Explanation")), in_json(reference("RowReceipts"))


class RowPieces(Struct, frozen=True):
    """The pieces of the addresses of rows; each has one operation or more for each read model."""

    models: Sequence[Model]

    def _each(self, path: str, make: Callable[[Model], Schema]) -> Operations:
        return {_of_model(path, each): _marked(each, make(each)) for each in self.models}

    def item(self, path: str) -> Operations:
        """Describe reading one row and, if the key has several parts, the rows whose keys begin with the first."""
        return {
            **self._each(path, _item),
            **{
                _begun_path(path, each): _marked(each, _begun(each))
                for each in self.models
                if len(each.key) > 1
            },
        }

    def listing(self, path: str) -> Operations:
        """Describe listing rows and adding them up."""
        return self._each(
            path, lambda model: reading(_context(model), model.description, _listing(model), _page(model))
        )

    def export(self, path: str) -> Operations:
        """Describe exporting all rows."""
        text, content = "All rows as JSON Lines", {"application/jsonl": TEXT}
        return self._each(
            path, lambda model: reading(_context(model), text, [_fields(model), WAIT, SEALED], content)
        )

    def stream(self, path: str) -> Operations:
        """Describe following rows."""
        text = "Rows as they change, live"
        return self._each(path, lambda model: reading(_context(model), text, [AFTER, SEALED, RESUME], STREAM))

    def explanation(self, path: str) -> Operations:
        """Describe explaining a row."""
        text, more = "The event that last set each field of a row", (KNOWN, TRUE, SEALED)
        return self._each(
            path, lambda model: reading(_context(model), text, [*_key(model), *more], _EXPLANATION)
        )

    def receipts(self, path: str) -> Operations:
        """Describe the receipts of a row."""
        text = "Receipts of the events that made a row"
        return self._each(path, lambda model: reading(_context(model), text, _key(model), _RECEIPTS))


def _marked(model: Model, operation: Schema) -> Schema:
    """Return an operation that names its read model, by which it gets a label."""
    return operation | {"x-model": model.name}


def _of_model(path: str, model: Model) -> str:
    key = "/".join(f"{{{each}}}" for each in model.key)
    return path.replace("{model}", model.name).replace("{key}", key)


def _begun_path(path: str, model: Model) -> str:
    return path.replace("{model}", model.name).replace("{key}", f"{{{model.key[0]}}}")


def _item(model: Model) -> Schema:
    parameters = [*_key(model), _fields(model), WAIT, KNOWN, TRUE, SEALED, EVIDENCE, *_dated(model)]
    return reading(
        _context(model), f"One row. {model.description}", parameters, in_json(reference(f"item.{model.name}"))
    )


def _begun(model: Model) -> Schema:
    own = [each for each in _listing(model) if each["name"].partition("[")[0] != model.key[0]]
    return reading(
        _context(model), "All rows with this first part of the key", [_key(model)[0], *own], _page(model)
    )


def _context(model: Model) -> str:
    return contexts().get(model, "rows")


def _page(model: Model) -> dict[str, Schema]:
    return in_json(reference(f"page.{model.name}"))


def _kinds(model: Model) -> dict[str, Kind]:
    return {each.name: KINDS[each.sql] for each in columns(model)}


def _key(model: Model) -> list[Schema]:
    kinds = _kinds(model)
    return [in_path(each, "part of the key", VALUES.get(kinds[each], TEXT)) for each in model.key]


def _listing(model: Model) -> list[Schema]:
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
        found.append(several("sum", "return the sums of these fields instead of rows", sums))
        found.append(several("by", "with sum: one sum for each combination of values of these fields", by))
    return found


def _filters(model: Model) -> list[Schema]:
    found, kinds = [], _kinds(model)
    for field in dict.fromkeys((*model.key, *model.filter)):
        schema = VALUES.get(kinds[field], TEXT)
        # As in the grammar, a parameter goes before a field of its name.
        name = f"{field}[eq]" if field in LIST_OPTIONS else field
        found.append(parameter(name, "equal to this", schema))
        if kinds[field] != "sealed":
            found.append(parameter(f"{field}[gte]", "at least this", schema))
            found.append(parameter(f"{field}[lte]", "at most this", schema))
        listed = {"type": "array", "items": schema, "minItems": 1}
        found.append(parameter(f"{field}[in]", "one of these", listed, style="form", explode=False))
    return found


def _sort(names: Iterable[str]) -> Schema:
    either = [each for name in names for each in (name, f"-{name}")]
    made = several("sort", "order by these fields, each once; `-` means descending", either)
    return made | {"schema": made["schema"] | {"uniqueItems": True}}


def _fields(model: Model) -> Schema:
    return several("fields", "only these fields, and `position`", (*model.columns(), "position"))


def _dated(model: Model) -> list[Schema]:
    if not hasattr(model.row, "at"):
        return []
    return [parameter("on", "add the figures of this day", {"type": "string", "format": "date"})]
