"""The statements over tables of read models. Rows are sent as JSON, which PostgreSQL reads fastest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from psycopg.sql import SQL, Composable, Composed, Identifier

from adapters.postgres.read.columns import Column, columns, of_line
from streams.read_ports import Table

_COMMA = SQL(", ")


class Statements:
    """The statements of one table."""

    def __init__(self, table: Table) -> None:
        all_ = columns(table.model)
        self.name = SQL("read.{}").format(Identifier(table.name))
        self._keys = [each for each in all_ if each.name in table.model.key]
        self._of_line = [Identifier(each) for each in of_line(table.model)]
        names = [*(each.name for each in all_), *of_line(table.model)]
        fields = _COMMA.join(map(Identifier, names))
        self._selected = _COMMA.join(
            [*map(_selected, all_), *(SQL("t.{}").format(each) for each in self._of_line)]
        )
        counted = [SQL("{} bigint NOT NULL").format(each) for each in self._of_line]
        self.create = SQL("CREATE TABLE {} ({}, PRIMARY KEY ({})) WITH (fillfactor = 90)").format(
            self.name, _COMMA.join([*(each.declared for each in all_), *counted]), self._key_fields("{}")
        )
        self.indexes = [
            SQL("CREATE INDEX ON {} ({})").format(self.name, _indexed(each))
            for each in all_
            if each.name in table.model.filter and each.name != table.model.key[0]
        ]
        self.fill = SQL("COPY {} ({}) FROM STDIN").format(self.name, fields)
        # Statements of every batch are composed once.
        self.write = self._write(all_, fields, names).as_bytes()
        load = SQL("SELECT {} FROM {} JOIN {} AS t ON {}")
        self.load = load.format(
            self._selected, self._wanted(), self.name, self._same_key("k", "t")
        ).as_bytes()
        delete = SQL("DELETE FROM {} AS t USING {} WHERE {}")
        self.delete = delete.format(self.name, self._wanted(), self._same_key("k", "t")).as_bytes()
        self.count = SQL("SELECT count(*) FROM {}").format(self.name)
        walk = SQL("SELECT {0} FROM {1} {2} ORDER BY {0} LIMIT %s")
        key, marks = self._key_fields("{}"), _COMMA.join(SQL("%s") for _ in self._keys)
        self.first_keys = walk.format(key, self.name, SQL(""))
        self.next_keys = walk.format(key, self.name, SQL("WHERE ({}) > ({})").format(key, marks))
        tag = Identifier(table.model.key[0])
        self.of_tags = SQL("SELECT {} FROM {} AS t WHERE {} = ANY(%s)").format(self._selected, self.name, tag)
        self.touch = SQL(
            "UPDATE {} AS t SET position = v.position FROM unnest(%s::text[], %s::bigint[]) AS v (tag, position) "
            "WHERE t.{} = v.tag AND t.position < v.position"
        ).format(self.name, tag)
        self.touch_rows = SQL(
            "UPDATE {} AS t SET position = k.position FROM unnest({}, %s::bigint[]) AS k ({}, position) "
            "WHERE {} AND t.position < k.position"
        ).format(self.name, self._arrays(), self._key_fields("{}"), self._same_key("k", "t"))

    def differing(self, other: Statements) -> Composed:
        """Select the keys of rows that are not the same in the other table."""
        keys = _COMMA.join(SQL("coalesce(t.{0}, o.{0})").format(Identifier(each.name)) for each in self._keys)
        return SQL("SELECT {} FROM {} AS t FULL JOIN {} AS o ON {} WHERE t IS DISTINCT FROM o").format(
            keys, self.name, other.name, self._same_key("t", "o")
        )

    def _write(self, all_: Sequence[Column], fields: Composable, names: Sequence[str]) -> Composed:
        typed = [
            SQL("{} {}").format(Identifier(each.name), SQL("text" if each.sql == "bytea" else each.sql))
            for each in all_
        ]
        declared = _COMMA.join([*typed, *(SQL("{} bigint").format(each) for each in self._of_line)])
        taken = [*map(_taken, all_), *self._of_line]
        key = {each.name for each in self._keys}
        changed = _COMMA.join(
            SQL("{0} = excluded.{0}").format(Identifier(each)) for each in names if each not in key
        )
        return SQL(
            "INSERT INTO {} ({}) SELECT {} FROM json_to_recordset(%s::json) AS r ({}) "
            "ON CONFLICT ({}) DO UPDATE SET {}"
        ).format(self.name, fields, _COMMA.join(taken), declared, self._key_fields("{}"), changed)

    def _key_fields(self, form: str) -> Composed:
        return _COMMA.join(SQL(form).format(Identifier(each.name)) for each in self._keys)

    def _arrays(self) -> Composed:
        return _COMMA.join(SQL(f"%s::{each.sql}[]") for each in self._keys)

    def _wanted(self) -> Composed:
        return SQL("unnest({}) AS k ({})").format(self._arrays(), self._key_fields("{}"))

    def _same_key(self, one: str, other: str) -> Composed:
        return SQL(" AND ").join(
            SQL("{}.{} = {}.{}").format(
                Identifier(one), Identifier(each.name), Identifier(other), Identifier(each.name)
            )
            for each in self._keys
        )


def _indexed(column: Column) -> Composed:
    return SQL("{}").format(Identifier(column.name))


def _selected(column: Column) -> Composed:
    return SQL("t.{}::text" if column.nested else "t.{}").format(Identifier(column.name))


def _taken(column: Column) -> Composed:
    form = SQL("decode(r.{}, 'base64')") if column.sql == "bytea" else SQL("r.{}")
    return form.format(Identifier(column.name))


@cache
def statements(table: Table) -> Statements:
    """Return the statements of a table, composed once."""
    return Statements(table)
