"""Marks of rows that are folded again beside the projector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from adapters.postgres.connections import Connection
from projections.read_model import Key
from streams.read_ports import RefoldMark

_MARK = """
INSERT INTO read.refolding (model, value, key, since)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (model, value, key) DO UPDATE SET since = greatest(refolding.since, excluded.since)
"""
_UNMARK = """
DELETE FROM read.refolding AS r
USING unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) AS gone (model, value, key, since)
WHERE r.model = gone.model AND r.value = gone.value AND gone.key IN ('', r.key) AND r.since <= gone.since
"""
_ALL = "SELECT model, value, key, since FROM read.refolding"
_OF_MODEL = f"{_ALL} WHERE model = %s AND (%s::text IS NULL OR value = %s) ORDER BY value, key"
_OLDEST = f"{_ALL} ORDER BY marked_at, model, value, key LIMIT 1"
_OF_VALUES = f"{_ALL} WHERE model = %s AND value = ANY(%s)"
_OF_VALUE = f"{_ALL} WHERE model = ANY(%s) AND value = %s ORDER BY model, key"


def mark(connection: Connection, marks: Sequence[RefoldMark]) -> None:
    """Make marks, or raise those that there are."""
    last: dict[tuple[str, str, str], int] = {}
    for each in marks:
        name = each.model, each.value, _text(each.key)
        last[name] = max(each.since, last.get(name, 0))
    rows = sorted((*name, since) for name, since in last.items())
    connection.execute(_MARK, [list(column) for column in zip(*rows, strict=True)])


def unmark(connection: Connection, marks: Sequence[RefoldMark]) -> None:
    """Remove marks unless they have been raised since; one without a key stands for all of its value."""
    rows = [(each.model, each.value, _text(each.key), each.since) for each in marks]
    connection.execute(_UNMARK, [list(column) for column in zip(*rows, strict=True)])


def of_model(connection: Connection, model: str, value: str | None) -> list[RefoldMark]:
    """Return the marks of a model, or of one of its values."""
    return _marks(connection.execute(_OF_MODEL, (model, value, value)))


def oldest(connection: Connection) -> RefoldMark | None:
    """Return the mark that was made first."""
    return next(iter(_marks(connection.execute(_OLDEST))), None)


def of_value(connection: Connection, models: Sequence[str], value: str) -> list[RefoldMark]:
    """Return the marks of models' rows of a value."""
    return _marks(connection.execute(_OF_VALUE, (list(models), value)))


def of_values(connection: Connection, model: str, values: Sequence[str]) -> list[RefoldMark]:
    """Return the marks of a model's rows of some values."""
    return _marks(connection.execute(_OF_VALUES, (model, list(values)))) if values else []


def _marks(rows: Iterable[tuple[Any, ...]]) -> list[RefoldMark]:
    return [RefoldMark(model, value, _key(key), since) for model, value, key, since in rows]


def _text(key: Key | None) -> str:
    return "" if key is None else msgspec.json.encode(key).decode()


def _key(text: str) -> Key | None:
    return tuple(msgspec.json.decode(text)) if text else None
