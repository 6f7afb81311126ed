"""Read models in PostgreSQL: a table for each model and digest, and the bookmarks beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from adapters.locks import AdvisoryLock
from adapters.postgres.connections import Connection
from adapters.postgres.read import marks, removed, schema
from adapters.postgres.read.bookmarks import live
from adapters.postgres.read.columns import key_of, values
from adapters.postgres.read.statements import statements
from adapters.postgres.read.transaction import PostgresReadTransaction, snapshot
from projections.read_model import Key, ReadModel
from streams.history.refold import storable
from streams.read_ports import Bookmark, Held, Line, RefoldMark, Snapshot, Table, Unstorable, Walked

_SESSION = """
SET transaction_timeout = '5s';
SET idle_in_transaction_session_timeout = '5s';
SET jit = off;
"""
# Rows are found by their keys. Without statistics (a new table) the planner sometimes reads the whole table instead.
_INDEXED = """
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
"""
# Rows can be folded again, so commits need not wait for the disk as the log's do.
_REBUILT = "SET synchronous_commit = off"
_FILL = 20_000
_DIFFERING = 1000
# Dropping a table takes several locks, and a transaction can have a limited number.
_SWEPT = 100


class PostgresReadModels:
    """The port `ReadStore` over PostgreSQL. Creates its schema if it is missing; one thread uses it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open = _connect(url)
        schema.create(self._connection)

    def close(self) -> None:
        """Close the connection."""
        self._open.close()

    @property
    def _connection(self) -> Connection:
        """The connection; a new one if the server has ended the last one."""
        if self._open.closed:
            self._open = _connect(self._url)
        return self._open

    @contextmanager
    def transaction(self) -> Iterator[PostgresReadTransaction]:
        """Begin a transaction. Statements without a result are not awaited: the next ones are composed meanwhile."""
        connection = self._connection
        with connection.pipeline(), connection.transaction():
            found = PostgresReadTransaction(connection)
            yield found
            found.end()

    def live(self) -> Mapping[str, Bookmark]:
        """Return the live tables by model."""
        return live(self._connection)

    def held(self, model: str) -> Sequence[Held]:
        """Return the events that are held back from a model."""
        found = self._connection.execute(
            "SELECT tag, tag_text, occurred_at, position, type, reason FROM read.held "
            "WHERE model = %s ORDER BY occurred_at, position, tag",
            (model,),
        )
        return [Held(*row) for row in found]

    def of_tags(self, table: Table, values: Sequence[str]) -> Mapping[Key, Line]:
        """Return all rows of these values, in a transaction of its own."""
        with self.transaction() as transaction:
            return transaction.of_tags(table, values)

    def oldest_mark(self) -> RefoldMark | None:
        """Return the mark that was made first."""
        return marks.oldest(self._connection)

    def marked(self, models: Sequence[str], value: str) -> Sequence[RefoldMark]:
        """Return the marks of some models' rows of a value."""
        return marks.of_value(self._connection, models, value)

    def create(self, model: ReadModel[Any], digest: str) -> Table:
        """Make an empty table beside the live one."""
        stem = f"{model.name}_{digest[:8]}"
        taken = {name for (name,) in self._connection.execute(_TABLES)}
        name = next(each for each in _names(stem) if each not in taken)
        table = Table(model, name)
        self._connection.execute(statements(table).create)
        return table

    def fill(self, table: Table, lines: Sequence[Line]) -> None:
        """Copy rows into a table that does not have them yet."""
        model = table.model
        key, make = key_of(model), values(model)
        for start in range(0, len(lines), _FILL):
            part = lines[start : start + _FILL]
            try:
                with (
                    self._connection.transaction(),
                    self._connection.cursor().copy(statements(table).fill) as copy,
                ):
                    for line in part:
                        copy.write_row(make(line))
            except (psycopg.DataError, UnicodeEncodeError) as error:
                bad = [key(line.row) for line in lines[start:] if not storable(line.row)]
                if not bad:
                    raise
                raise Unstorable(bad) from error

    def finish(self, table: Table) -> None:
        """Create the indexes and statistics of a table that has been filled."""
        with self._unhurried() as connection:
            connection.execute(_REBUILT)
            for index in statements(table).indexes:
                connection.execute(index)
            connection.execute(SQL("ANALYZE {}").format(statements(table).name))

    def drop(self, table: Table) -> None:
        """Drop a table that never became live."""
        with self._connection.transaction():
            self._connection.execute(SQL("DROP TABLE IF EXISTS {}").format(statements(table).name))
            self._connection.execute(_FORGET_REMOVED, ([table.name],))

    def sweep(self, grace_seconds: float) -> int:
        """Drop tables that were retired longer ago, and those that interrupted rebuilds have left."""
        found = [name for (name,) in self._connection.execute(_SWEEPABLE, (grace_seconds,))]
        for start in range(0, len(found), _SWEPT):
            part = found[start : start + _SWEPT]
            tables = SQL(", ").join(SQL("read.{}").format(Identifier(each)) for each in part)
            with self._connection.transaction():
                self._connection.execute("SET LOCAL lock_timeout = '2s'")
                self._connection.execute(SQL("DROP TABLE IF EXISTS {}").format(tables))
                self._connection.execute("DELETE FROM read.retired WHERE table_name = ANY(%s)", (part,))
                self._connection.execute(_FORGET_REMOVED, (part,))
        return len(found)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all other rebuilds out; the lock ends with its connection."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (AdvisoryLock.REBUILD,))
            yield

    def tags_at(self, position: int) -> Sequence[int]:
        """Return the keys of the tags of an entry of the log."""
        found = self._connection.execute("SELECT tags FROM log.entries WHERE position = %s", (position,))
        return [tag for (tags,) in found for tag in tags]

    def differing(self, one: Table, other: Table) -> Iterator[Sequence[Key]]:
        """Give the keys of rows that are not the same in two tables."""
        with self._unhurried() as connection:
            cursor = connection.execute(statements(one).differing(statements(other)))
            while found := cursor.fetchmany(_DIFFERING):
                yield found
            if one.model.removes and (found := removed.differing(connection, one, other)):
                yield found

    def count(self, table: Table) -> int:
        """Return how many rows a table has."""
        with self._unhurried() as connection:
            (count,) = connection.execute(statements(table).count).fetchone() or (0,)
        return int(count)

    def keys(self, table: Table, after: Key | None, limit: int) -> Sequence[Key]:
        """Return at most `limit` keys of rows, in order."""
        query = statements(table).first_keys if after is None else statements(table).next_keys
        return self._connection.execute(query, (*(after or ()), limit)).fetchall()

    def note(self, walked: Walked) -> None:
        """Write down how far the shadow check is."""
        differing, place = (msgspec.json.encode(each).decode() for each in (walked.differing, walked.place))
        self._connection.execute(_NOTE, (walked.done, walked.total, walked.round_ended, differing, place))

    def walked(self) -> Walked | None:
        """Return how far the shadow check is."""
        found = self._connection.execute(_WALKED).fetchone()
        if found is None:
            return None
        return msgspec.convert(dict(zip(Walked.__struct_fields__, found, strict=True)), Walked)

    def snapshot(self, table: Table, keys: Sequence[Key]) -> Snapshot:
        """Return a model's bookmarks, these of its rows and what is marked of them, as of one moment."""
        return snapshot(self._connection, table, keys)

    @contextmanager
    def _unhurried(self) -> Iterator[Connection]:
        """Give a connection without time limits, for long work that blocks nobody."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            yield connection


_FORGET_REMOVED = "DELETE FROM read.removed WHERE table_name = ANY(%s)"
_NOTE = """
INSERT INTO read.shadow (done, total, round_ended, differing, place) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (one) DO UPDATE SET
    (done, total, differing, place) = (excluded.done, excluded.total, excluded.differing, excluded.place),
    round_ended = coalesce(excluded.round_ended, shadow.round_ended)
"""
_WALKED = "SELECT done, total, round_ended, differing, place FROM read.shadow"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'read'"
# A model's table has its digest in its name; no other table in the schema is named like that.
_SWEEPABLE = """
SELECT tablename FROM pg_tables WHERE schemaname = 'read' AND tablename ~ '_[0-9a-f]{8}(_[0-9]+)?$'
AND NOT EXISTS (SELECT FROM read.models WHERE table_name = tablename)
AND NOT EXISTS (SELECT FROM read.retired WHERE table_name = tablename
    AND retired_at > now() - make_interval(secs => %s))
"""


def _connect(url: str) -> Connection:
    connection = psycopg.connect(url, autocommit=True, connect_timeout=5)
    connection.execute(_SESSION)
    connection.execute(_INDEXED)
    connection.execute(_REBUILT)
    return connection


def _names(stem: str) -> Iterator[str]:
    yield stem
    number = 1
    while True:
        yield f"{stem}_{number}"
        number += 1
