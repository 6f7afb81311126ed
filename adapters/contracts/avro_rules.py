"""Rules of the Avro specification 1.12 that fastavro does not check."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMED = ("record", "error", "enum", "fixed")


def broken(schema: Any) -> Iterator[str]:
    """Yield what a parsed schema, in its normal form, breaks: one sentence each."""
    if isinstance(schema, list):
        yield from _union(schema)
        return
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if kind in _NAMED:
        if not all(_NAME.fullmatch(part) for part in schema["name"].split(".")):
            yield f"'{schema['name']}' is not a name"
    elif isinstance(kind, dict | list):
        yield from broken(kind)
    if kind == "fixed" and schema["size"] < 1:
        yield f"the size of '{schema['name']}' is not positive"
    yield from _fields(schema.get("fields", ()))
    for inside in ("items", "values"):
        yield from broken(schema.get(inside))


def _fields(fields: Iterable[Any]) -> Iterator[str]:
    names = Counter(each["name"] for each in fields)
    for name, count in names.items():
        if not _NAME.fullmatch(name):
            yield f"'{name}' is not a name"
        if count > 1:
            yield f"the field '{name}' stands {count} times in its record"
    for each in fields:
        yield from broken(each["type"])


def _union(branches: Iterable[Any]) -> Iterator[str]:
    kinds = Counter(_branch(each) for each in branches)
    yield from (f"{kind} stands {count} times in a union" for kind, count in kinds.items() if count > 1)
    for each in branches:
        if isinstance(each, list):
            yield "a union stands in a union"
        yield from broken(each)


def _branch(schema: Any) -> str:
    """Return what tells a branch of a union from the others."""
    if isinstance(schema, dict):
        return str(schema["name"] if schema["type"] in _NAMED else schema["type"])
    return "union" if isinstance(schema, list) else str(schema)
