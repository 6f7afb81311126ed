"""Queries as SQL: one statement each, whose text depends on its shape alone, so that the server keeps its plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from adapters.postgres.serve.query import Filter, Query
from adapters.postgres.serve.tables import Kind, LiveTable, quoted

FindHash = Callable[[str], bytes]

_NAMED = "(SELECT sealed FROM read.names WHERE hash = ANY(%s))"
_OPERATORS = {"eq": "=", "gte": ">=", "lte": "<=", "in": "= ANY"}


class SqlStatement(Struct, frozen=True):
    """The text of a statement, its parameters, and the names of its columns."""

    text: bytes
    parameters: Sequence[Any]
    names: tuple[str, ...]


class Order(Struct, frozen=True):
    """The order of rows: by the wanted fields, then by the key, which makes it total."""

    fields: tuple[tuple[str, bool], ...]
    nullable: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, in order."""
        return tuple(name for name, _ in self.fields)


def select(names: Sequence[str], live: LiveTable) -> str:
    """Return the beginning of a statement that reads these columns of a table."""
    return f"SELECT {', '.join(map(quoted, names))} FROM {live.relation}"  # noqa: S608 - all names are quoted


@lru_cache(maxsize=1024)
def _item(table: str, names: tuple[str, ...], key: tuple[str, ...]) -> bytes:
    where = " AND ".join(f"{quoted(each)} = %s" for each in key)
    return f"SELECT {', '.join(map(quoted, names))} FROM {table} WHERE {where}".encode()  # noqa: S608 - quoted


def item(live: LiveTable, key: Sequence[Any], names: tuple[str, ...]) -> SqlStatement:
    """Return the statement that reads one row."""
    return SqlStatement(_item(live.relation, names, live.key), key, names)


def rows(live: LiveTable, keys: Sequence[tuple[Any, ...]], names: tuple[str, ...]) -> SqlStatement:
    """Return the statement that reads the rows with these keys."""
    columns = [list(each) for each in zip(*keys, strict=True)]
    arrays = ", ".join(f"%s::{_sql_type(live.columns[each])}[]" for each in live.key)
    fields = ", ".join(map(quoted, live.key))
    text = f"{select(names, live)} WHERE ({fields}) IN (SELECT * FROM unnest({arrays}))"  # noqa: S608 - all names are quoted
    return SqlStatement(text.encode(), columns, names)


def of_tag(live: LiveTable, value: str, names: tuple[str, ...]) -> SqlStatement:
    """Return the statement that reads all rows of a value of the model's tag."""
    return SqlStatement(f"{select(names, live)} WHERE {quoted(live.key[0])} = %s".encode(), [value], names)


def stretch(live: LiveTable, names: tuple[str, ...], after: Sequence[Any] | None, limit: int) -> SqlStatement:
    """Return the statement that reads the next rows in order of their keys."""
    key = ", ".join(map(quoted, live.key))
    where = "" if after is None else f" WHERE ({key}) > ({', '.join('%s' for _ in live.key)})"
    text = f"{select(names, live)}{where} ORDER BY {key} LIMIT %s"
    return SqlStatement(text.encode(), [*(after or ()), limit], names)


def _sql_type(kind: Kind) -> str:
    return {"integer": "bigint", "number": "double precision", "boolean": "boolean"}.get(kind, "text")


def order_of(live: LiveTable, query: Query) -> Order:
    """Return the order of a list."""
    named = {name for name, _ in query.sort}
    return Order(
        (*query.sort, *((each, False) for each in live.key if each not in named)),
        any(name not in live.key for name in named),
    )


def sum_order(query: Query) -> Order:
    """Return the order of sums."""
    return Order(tuple((each, False) for each in query.by), nullable=True)


def listing(
    live: LiveTable, query: Query, names: tuple[str, ...], after: Sequence[Any] | None, find_hash: FindHash
) -> SqlStatement:
    """Return the statement that reads one page of a list and one row beyond it, which shows that there is another page.

    `after` are the values of the order's fields in the last row of the page before.
    """
    order = order_of(live, query)
    where, parameters = _restricted(live, query, order, after, find_hash)
    arranged = ", ".join(f"{quoted(name)}{' DESC' if falls else ''}" for name, falls in order.fields)
    text = f"{select(names, live)}{where} ORDER BY {arranged} LIMIT %s"
    return SqlStatement(text.encode(), [*parameters, query.limit + 1], names)


def sums(live: LiveTable, query: Query, after: Sequence[Any] | None, find_hash: FindHash) -> SqlStatement:
    """Return the statement that adds fields up, separately for each combination of values of the `by` fields."""
    where, parameters = _restricted(live, query, sum_order(query), after, find_hash)
    by = ", ".join(map(quoted, query.by))
    added = [f"coalesce(sum({quoted(each)}), 0)::bigint AS {quoted(each)}" for each in query.sum]
    grouped = f" GROUP BY {by} ORDER BY {by}" if by else ""
    columns = ", ".join([*map(quoted, query.by), *added])
    text = f"SELECT {columns} FROM {live.relation}{where}{grouped} LIMIT %s"  # noqa: S608 - quoted
    return SqlStatement(text.encode(), [*parameters, query.limit + 1], (*query.by, *query.sum))


def _restricted(
    live: LiveTable, query: Query, order: Order, after: Sequence[Any] | None, find_hash: FindHash
) -> tuple[str, list[Any]]:
    """Return the WHERE clause of a query's filters and of the beginning of its page, with its parameters."""
    where, parameters = conditions(live, query.filters, find_hash)
    if after is not None:
        behind, more = _after(order, after)
        where.append(behind)
        parameters.extend(more)
    return (f" WHERE {' AND '.join(where)}" if where else ""), parameters


def by_name(live: LiveTable, query: Query) -> bool:
    """Return whether a query looks rows up in the name index."""
    return any(live.columns[each.field] == "sealed" for each in query.filters)


def conditions(
    live: LiveTable, filters: Sequence[Filter], find_hash: FindHash
) -> tuple[list[str], list[Any]]:
    """Return the conditions of filters, and their parameters; sealed fields are looked up in the name index."""
    where: list[str] = []
    parameters: list[Any] = []
    for each in filters:
        field, values = quoted(each.field), list(each.values)
        if live.columns[each.field] == "sealed":
            where.append(f"{field} IN {_NAMED}")
            parameters.append([find_hash(text) for text in values])
        elif each.operator == "in":
            where.append(f"{field} = ANY(%s)")
            parameters.append(values)
        else:
            where.append(f"{field} {_OPERATORS[each.operator]} %s")
            parameters.append(values[0])
    return where, parameters


def _after(order: Order, last: Sequence[Any]) -> tuple[str, list[Any]]:
    """Return the condition of the rows after the last one of a page; as in PostgreSQL, NULL is the largest value."""
    if not order.nullable and not any(falls for _, falls in order.fields):
        return f"({', '.join(map(quoted, order.names))}) > ({', '.join('%s' for _ in last)})", list(last)
    ways: list[str] = []
    parameters: list[Any] = []
    for number, (name, falls) in enumerate(order.fields):
        beyond = _beyond(quoted(name), falls=falls, null=last[number] is None)
        if beyond is None:
            continue
        same = [_same(quoted(each), value) for each, value in zip(order.names[:number], last, strict=False)]
        ways.append(f"({' AND '.join([*same, beyond])})")
        known = [each for each in last[:number] if each is not None]
        parameters += known if last[number] is None else [*known, last[number]]
    return f"({' OR '.join(ways) or 'FALSE'})", parameters


def _same(field: str, value: Any) -> str:
    return f"{field} IS NULL" if value is None else f"{field} = %s"


def _beyond(field: str, *, falls: bool, null: bool) -> str | None:
    if null:
        return f"{field} IS NOT NULL" if falls else None
    return f"{field} < %s" if falls else f"({field} > %s OR {field} IS NULL)"
