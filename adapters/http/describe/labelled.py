"""Labels in JSON schemas: what fields, columns and words are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from events.labels.table import Labels


def described(label: str | None, text: str | None = None) -> str:
    """Return a description: the label, and what else is said."""
    return ": ".join(each for each in (label, text) if each)


def label(schemas: dict[str, Any], owner: str, labels: Labels) -> None:
    """Describe the properties and words in the schemas of one event or read model by their labels.

    Generators of clients put `x-enum-descriptions` beside the words.
    """
    for schema in schemas.values():
        for name, each in schema.get("properties", {}).items():
            if text := described(labels.field(owner, name), each.get("description")):
                each["description"] = text
            for words in _enumerations(each):
                words["x-enum-descriptions"] = [labels.word(name, word) or word for word in words["enum"]]


def _enumerations(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield the enumerations inside the schema of one property."""
    if isinstance(schema, dict):
        if "enum" in schema:
            yield schema
        for each in schema.values():
            yield from _enumerations(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _enumerations(each)
