"""What happens to read models in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from adapters.postgres.connections import Connection
from adapters.postgres.read import bookmarks, marks, outbox, removed
from adapters.postgres.read.columns import columns, key_of, reader
from adapters.postgres.read.statements import statements
from projections.read_model import Key
from streams.history.refold import ENCODED_NUL, storable
from streams.read_ports import (
    Bookmark,
    BookmarkName,
    FirstHeld,
    Held,
    Line,
    RefoldMark,
    Renamed,
    Snapshot,
    Sums,
    Table,
    Unstorable,
)

CHANNEL = "pujiang_read"
"""The channel on which NOTIFY announces positions that the read models have reached."""

_CHANGED = "UPDATE read.bookmarks SET version = version + 1 WHERE model = ANY(%s) AND partition = 0"
_PARTITIONS = "UPDATE read.models SET partitions = %(partitions)s WHERE name = %(model)s"
# The sums of epochs and versions never fall. What all partitions have folded as one stretch stays one.
_FIRST = """
UPDATE read.bookmarks SET position = %(position)s, (epoch, version, applied_after, applied_upto) = (
    SELECT 1 + sum(epoch), sum(version),
        CASE WHEN bool_and(applied_upto = position) THEN max(applied_after) ELSE %(position)s END, %(position)s
    FROM read.bookmarks WHERE model = %(model)s
)
WHERE model = %(model)s AND partition = 0
"""
_OTHERS_GO = "DELETE FROM read.bookmarks WHERE model = %(model)s AND partition > 0"
_OTHERS_COME = """
INSERT INTO read.bookmarks (model, partition, position, applied_after, applied_upto)
SELECT %(model)s, each, %(position)s, applied_after, applied_upto
FROM read.bookmarks, generate_series(1, %(partitions)s - 1) AS each WHERE model = %(model)s AND partition = 0
"""
_HELD = """
SELECT tag, first[1], first[2], listed FROM (
    SELECT tag, min(ARRAY[occurred_at, position]) AS first, count(*) AS listed FROM read.held
    WHERE model = %s AND (%s::bigint IS NULL OR position <= %s) GROUP BY tag
) AS held
"""
_HOLD = """
INSERT INTO read.held (model, tag, tag_text, occurred_at, position, type, reason)
SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
ON CONFLICT DO NOTHING
"""
_RENAME = """
INSERT INTO read.aliases (kind, value, "into", position)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (kind, value) DO UPDATE SET "into" = excluded."into", position = excluded.position
WHERE aliases.position < excluded.position
"""
_RETIRE = """
INSERT INTO read.retired (table_name) SELECT table_name FROM read.models WHERE name = %s
ON CONFLICT (table_name) DO UPDATE SET retired_at = now()
"""
_MODEL = """
INSERT INTO read.models (name, table_name, digest, schema) VALUES (%s, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET (table_name, digest, schema) = (excluded.table_name, excluded.digest, excluded.schema)
"""
_REBUILT = """
UPDATE read.bookmarks SET position = %(position)s, epoch = epoch + 1, version = version + 1, applied_after = 0, applied_upto = %(position)s
WHERE model = %(model)s
"""


class PostgresReadTransaction:
    """The port `ReadTransaction`, within a transaction that its store has begun."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._changed: set[str] = set()

    def end(self) -> None:
        """Count the changes of tables whose bookmarks were not moved after them; to be called before the commit."""
        if self._changed:
            self._connection.execute(_CHANGED, (sorted(self._changed),))

    def lock(self, names: Collection[BookmarkName] | None = None) -> Mapping[BookmarkName, Bookmark]:
        """Lock bookmarks, and return those that there are."""
        bookmarks.lock(self._connection, names)
        return bookmarks.read(self._connection, names)

    def lock_sums(self, names: Collection[BookmarkName]) -> Sums:
        """Lock bookmarks, and return their sums."""
        bookmarks.lock(self._connection, names)
        return bookmarks.sums(self._connection, names)

    def bookmarks(self, names: Collection[BookmarkName]) -> Mapping[BookmarkName, Bookmark]:
        """Return those of the bookmarks that there are."""
        return bookmarks.read(self._connection, names)

    def held(self, model: str, upto: int | None = None) -> Mapping[int, FirstHeld]:
        """Return the keys of the tags that are held, each with the first of its events."""
        found = self._connection.execute(_HELD, (model, upto, upto))
        return {tag: FirstHeld(*first) for tag, *first in found}

    def load(self, table: Table, keys: Sequence[Key]) -> Mapping[Key, Line]:
        """Return those of the rows that exist."""
        return load(self._connection, table, keys)

    def load_all(self, wanted: Sequence[tuple[Table, Sequence[Key]]]) -> Sequence[Mapping[Key, Line]]:
        """Return the existing rows of several tables; all queries are sent before the first answer is read."""
        asked = [(table, *_ask(self._connection, table, keys)) for table, keys in wanted]
        return [removed.lines(gone) | _lines(table, rows) for table, rows, gone in asked]

    def of_tags(self, table: Table, values: Sequence[str]) -> Mapping[Key, Line]:
        """Return all rows of these values of the model's tag, with those that were removed."""
        rows = self._connection.cursor(binary=True).execute(statements(table).of_tags, (list(values),))
        gone = removed.ask_of_values(self._connection, table, values) if table.model.removes else ()
        return removed.lines(gone) | _lines(table, rows)

    def write(self, table: Table, lines: Sequence[Line]) -> None:
        """Insert or replace rows in one statement."""
        if not lines:
            return
        encoded = b",".join(_encoded(table, lines))
        if ENCODED_NUL in encoded:
            key = key_of(table.model)
            bad = [key(each.row) for each in lines if not storable(each.row)]
            if bad:
                raise Unstorable(bad)
        self._changed.add(table.model.name)
        self._connection.execute(statements(table).write, ((b"[" + encoded + b"]").decode(),))
        if table.model.removes:
            key = key_of(table.model)
            removed.forget(self._connection, table, [key(each.row) for each in lines])

    def remove(self, table: Table, gone: Mapping[Key, int | None]) -> None:
        """Delete rows in one statement; remember those that have an `at`."""
        self._changed.add(table.model.name)
        self._connection.execute(statements(table).delete, _arrays(list(gone)))
        if table.model.removes:
            removed.write(self._connection, table, {key: at for key, at in gone.items() if at is not None})
            removed.forget(self._connection, table, [key for key, at in gone.items() if at is None])

    def touch(self, table: Table, values: Mapping[str, int]) -> None:
        """Raise the positions of all rows of these values to at least the given ones."""
        self._changed.add(table.model.name)
        self._connection.execute(statements(table).touch, (list(values), list(values.values())))

    def touch_rows(self, table: Table, rows: Mapping[Key, int]) -> None:
        """Raise the positions of rows to at least the given ones."""
        self._changed.add(table.model.name)
        named = [(*row, position) for row, position in rows.items()]
        self._connection.execute(statements(table).touch_rows, _arrays(named))

    def hold(self, model: str, held: Iterable[Held]) -> None:
        """Add events to those that are held back."""
        held = list(held)
        outbox.held(self._connection, model, held)
        rows = [
            (each.tag, each.text, each.occurred_at, each.position, each.type, each.reason.replace("\0", ""))
            for each in held
        ]
        self._connection.execute(_HOLD, (model, *_arrays(sorted(rows, key=itemgetter(0, 3)))))

    def release(self, model: str, tags: Sequence[int] | None = None) -> None:
        """Release these tags, or all."""
        outbox.released(self._connection, model, tags)
        if tags is None:
            self._connection.execute("DELETE FROM read.held WHERE model = %s", (model,))
        else:
            self._connection.execute(
                "DELETE FROM read.held WHERE model = %s AND tag = ANY(%s::bigint[])", (model, list(tags))
            )

    def mark(self, marks_: Sequence[RefoldMark], /) -> None:
        """Mark rows to be folded again."""
        marks.mark(self._connection, marks_)

    def unmark(self, marks_: Sequence[RefoldMark], /) -> None:
        """Remove marks unless they have been raised since."""
        marks.unmark(self._connection, marks_)

    def marks(self, model: str, value: str | None = None) -> Sequence[RefoldMark]:
        """Return the marks of a model, or of one of its values."""
        return marks.of_model(self._connection, model, value)

    def rename(self, renamed: Sequence[Renamed]) -> None:
        """Store aliases, for each value the last one."""
        last = {(each.kind, each.value): each for each in renamed}
        # Several partitions may write the same ones at once: one order for all avoids deadlocks.
        rows = [(*name, each.into, each.position) for name, each in sorted(last.items())]
        self._connection.execute(_RENAME, _arrays(rows))

    def move(self, positions: Mapping[BookmarkName, int], *, changed: bool = True) -> None:
        """Move bookmarks, all in one statement."""
        bookmarks.move(self._connection, positions, self._changed, epochs=int(changed))
        self._changed -= {model for model, _ in positions}

    def repartition(self, model: str, partitions: int, position: int) -> None:
        """Replace a model's bookmarks with `partitions` new ones at a position."""
        named = {"model": model, "partitions": partitions, "position": position}
        for statement in (_PARTITIONS, _FIRST, _OTHERS_GO, _OTHERS_COME):
            self._connection.execute(statement, named)

    def swap(self, table: Table, digest: str, position: int) -> None:
        """Make a table the live one; a model that is new has one partition."""
        name, execute = table.model.name, self._connection.execute
        # Lost rows are folded again, but after a lost swap there would be no table to fold them into.
        execute("SET LOCAL synchronous_commit = on")
        schema = [
            {"name": each.name, "type": each.sql, "nullable": each.nullable} for each in columns(table.model)
        ]
        execute(_RETIRE, (name,))
        execute(_MODEL, (name, table.name, digest, msgspec.json.encode(schema).decode()))
        execute("INSERT INTO read.bookmarks (model, position) VALUES (%s, 0) ON CONFLICT DO NOTHING", (name,))
        execute(_REBUILT, {"position": position, "model": name})
        self.release(name)
        execute("DELETE FROM read.refolding WHERE model = %s", (name,))
        outbox.rebuilt(self._connection, name, position)

    def retried(self, model: str, released: int, still_held: int) -> None:
        """Note that everything that a model holds was folded again."""
        outbox.retried(self._connection, model, released, still_held)

    def announce(self, position: int) -> None:
        """Notify listeners once this transaction is committed."""
        self._connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(position)))


def load(connection: Connection, table: Table, keys: Sequence[Key]) -> Mapping[Key, Line]:
    """Return those of the rows that exist or were removed."""
    rows, gone = _ask(connection, table, keys)
    return removed.lines(gone) | _lines(table, rows)


def _ask(
    connection: Connection, table: Table, keys: Sequence[Key]
) -> tuple[Iterable[tuple[Any, ...]], Iterable[tuple[Any, ...]]]:
    """Ask for rows, and for those of them that were removed."""
    if not keys:
        return (), ()
    rows = connection.cursor(binary=True).execute(statements(table).load, _arrays(keys))
    return rows, removed.ask(connection, table, keys) if table.model.removes else ()


def _encoded(table: Table, lines: Sequence[Line]) -> list[bytes]:
    """Return rows as JSON, with the columns of their lines."""
    encode = msgspec.json.encode
    if table.model.bound:
        return [
            encode(each.row)[:-1] + b',"position":%d,"at":%d}' % (each.position, each.at) for each in lines
        ]
    return [encode(each.row)[:-1] + b',"position":%d}' % each.position for each in lines]


def snapshot(connection: Connection, table: Table, keys: Sequence[Key]) -> Snapshot:
    """Return a model's bookmarks, these of its rows and what is marked of them, as of one moment."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = bookmarks.of_model(connection, table.model.name)
        return Snapshot(
            {partition: each for (_, partition), each in found.items()},
            load(connection, table, keys),
            marks.of_values(connection, table.model.name, [key[0] for key in keys]),
        )


def _lines(table: Table, rows: Iterable[tuple[Any, ...]]) -> dict[Key, Line]:
    read, key = reader(table.model), key_of(table.model)
    return {key(line.row): line for row in rows for line in (read(*row),)}


def _arrays(rows: Sequence[tuple[Any, ...]], columns: int | None = None) -> list[list[Any]]:
    """Turn rows into columns; `columns` is their number if there may be no rows."""
    return [list(each) for each in zip(*rows, strict=True)] if rows else [[]] * (columns or 0)
