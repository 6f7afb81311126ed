"""The columns of a read model's table, derived from its row class."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from psycopg.sql import SQL, Composed, Identifier

from projections.read_model import Key, ReadModel
from streams.read_ports import Line

POSITION, AT = "position", "at"
"""The columns that every row has, and every row whose events have an order."""
_SQL = {str: "text", int: "bigint", float: "double precision", bool: "boolean", bytes: "bytea"}


class Column(Struct, frozen=True):
    """A column: its SQL type, whether it may be NULL, and whether it holds `type` as JSON (`nested`)."""

    name: str
    sql: str
    nullable: bool
    nested: bool
    type: Any

    @property
    def declared(self) -> Composed:
        """The column's definition in CREATE TABLE."""
        collation = ' COLLATE "C"' if self.sql == "text" else ""
        null = "" if self.nullable else " NOT NULL"
        return SQL("{} {}").format(Identifier(self.name), SQL(self.sql + collation + null))


@cache
def columns(model: ReadModel[Any]) -> tuple[Column, ...]:
    """Return the columns of a model's table, without those of its lines."""
    found = model.columns()
    if taken := {POSITION, AT} & found.keys():
        raise TypeError(
            f"read model {model.name}: no field of a row may be called {taken}, as a column of each table is"
        )
    return tuple(_column(name, found[name]) for name in model.row.__struct_fields__)


def _column(name: str, hint: Any) -> Column:
    members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    plain = [each for each in members if each is not NoneType]
    base = type(get_args(plain[0])[0]) if get_origin(plain[0]) is Literal else plain[0]
    sql = _SQL.get(base, "jsonb") if len(plain) == 1 else "jsonb"
    return Column(name, sql, NoneType in members, sql == "jsonb", hint)


def of_line(model: ReadModel[Any]) -> tuple[str, ...]:
    """Return the columns of a model's lines beside its rows."""
    return (POSITION, AT) if model.bound else (POSITION,)


@cache
def key_of(model: ReadModel[Any]) -> Callable[[Any], Key]:
    """Return a function that takes the key from a row."""
    fields = model.key
    return lambda row: tuple([getattr(row, field) for field in fields])


@cache
def reader(model: ReadModel[Any]) -> Callable[..., Line]:
    """Return a function that makes a line from the values of a table's row, nested ones being JSON text."""
    row, width = model.row, len(model.row.__struct_fields__)
    nested = [
        (index, msgspec.json.Decoder(each.type).decode)
        for index, each in enumerate(columns(model))
        if each.nested
    ]

    def read(*values: Any) -> Line:
        if nested:
            found = list(values)
            for index, decode in nested:
                if found[index] is not None:
                    found[index] = decode(found[index])
            return Line(row(*found[:width]), *found[width:])
        return Line(row(*values[:width]), *values[width:])

    return read


@cache
def values(model: ReadModel[Any]) -> Callable[[Line], tuple[Any, ...]]:
    """Return a function that makes the values of a table's row from a line, nested ones as JSON text."""
    nested = [index for index, each in enumerate(columns(model)) if each.nested]
    bound = bool(model.bound)

    def write(line: Line) -> tuple[Any, ...]:
        plain = (*msgspec.structs.astuple(line.row), line.position)
        if bound:
            plain = (*plain, line.at)
        if not nested:
            return plain
        made = list(plain)
        for index in nested:
            if made[index] is not None:
                made[index] = msgspec.json.encode(made[index]).decode()
        return tuple(made)

    return write
