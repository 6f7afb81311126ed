"""Rows that were removed: when the last of their order-bound events occurred, in one table for all read models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.postgres.connections import Connection
from projections.read_model import Key
from streams.read_ports import Line, Table

_LOAD = """
SELECT r.key, r.at FROM unnest(%s::text[], %s::text[]) AS k (value, key)
JOIN read.removed AS r ON r.table_name = %s AND r.value = k.value AND r.key = k.key
"""
_OF_VALUES = "SELECT key, at FROM read.removed WHERE table_name = %s AND value = ANY(%s)"
_WRITE = """
INSERT INTO read.removed (table_name, value, key, at)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::bigint[])
ON CONFLICT (table_name, value, key) DO UPDATE SET at = excluded.at
"""
_DELETE = """
DELETE FROM read.removed AS r USING unnest(%s::text[], %s::text[]) AS k (value, key)
WHERE r.table_name = %s AND r.value = k.value AND r.key = k.key
"""
_DIFFERING = """
SELECT coalesce(t.key, o.key) FROM (SELECT * FROM read.removed WHERE table_name = %s) AS t
FULL JOIN (SELECT * FROM read.removed WHERE table_name = %s) AS o ON o.value = t.value AND o.key = t.key
WHERE t.at IS DISTINCT FROM o.at
"""


def ask(connection: Connection, table: Table, keys: Sequence[Key]) -> Iterable[tuple[Any, ...]]:
    """Ask which of these rows were removed; `lines` makes lines of the answer."""
    return connection.execute(_LOAD, (*_named(keys), table.name))


def ask_of_values(connection: Connection, table: Table, values: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """Ask the same of all rows with these values of the model's tag."""
    return connection.execute(_OF_VALUES, (table.name, list(values)))


def lines(answer: Iterable[tuple[Any, ...]]) -> dict[Key, Line]:
    """Return lines without rows. Their position is left open: whatever brings a row back has a greater one."""
    return {tuple(msgspec.json.decode(key)): Line(None, 0, at) for key, at in answer}


def write(connection: Connection, table: Table, removed: Mapping[Key, int]) -> None:
    """Remember rows that were removed."""
    connection.execute(_WRITE, (table.name, *_named(list(removed)), list(removed.values())))


def forget(connection: Connection, table: Table, keys: Sequence[Key]) -> None:
    """Forget rows that are there again, or have no event any more."""
    connection.execute(_DELETE, (*_named(keys), table.name))


def differing(connection: Connection, one: Table, other: Table) -> list[Key]:
    """Return the keys of rows that are not the same among those removed from two tables of a model."""
    found = connection.execute(_DIFFERING, (one.name, other.name))
    return [tuple(msgspec.json.decode(key)) for (key,) in found]


def _named(keys: Sequence[Key]) -> tuple[list[str], list[str]]:
    return [key[0] for key in keys], [msgspec.json.encode(key).decode() for key in keys]
