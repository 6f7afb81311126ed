"""What happens to read models in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
import psycopg

from adapters.postgres import outbox
from adapters.postgres.columns import columns, key_of, reader
from adapters.postgres.row_queries import statements
from projections.read_model import Key
from streams.names import Renamed
from streams.read_ports import Held, Line, Live, Table, Unstorable
from streams.refold import ENCODED_NUL, storable

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

CHANNEL = "pujiang_read"
"""Where `NOTIFY` tells of positions that the read models have reached."""

_LIVE = """
SELECT m.name, m.table_name, m.digest, b.position, b.epoch
FROM read.bookmarks AS b JOIN read.models AS m ON m.name = b.model WHERE b.partition = %s ORDER BY b.model
"""
_LOCK = "SELECT FROM read.bookmarks WHERE partition = %s ORDER BY model FOR UPDATE"
_HOLD = """
INSERT INTO read.held (model, tag, tag_text, position, type, reason)
SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[])
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
# A bookmark that was moved otherwise begins another stretch: between both is what nobody has folded.
_MOVE = """
UPDATE read.bookmarks SET position = %(position)s, epoch = epoch + 1, applied_upto = %(position)s,
    applied_after = CASE WHEN applied_upto = position THEN applied_after ELSE position END
WHERE partition = %(partition)s AND model = ANY(%(models)s)
"""
_REBUILT = """
UPDATE read.bookmarks SET position = %(position)s, epoch = epoch + 1, applied_after = 0, applied_upto = %(position)s
WHERE model = %(model)s
"""


class PostgresReadTransaction:
    """The port `ReadTransaction`, within a transaction that its store has begun."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, partition: int) -> Mapping[str, Live]:
        """Lock the bookmarks of a partition, in the order of the models' names."""
        # The locks first: who waits for them sees what the other has done only in a statement of its own.
        self._connection.execute(_LOCK, (partition,))
        return live(self._connection, partition)

    def held(self, model: str) -> Mapping[int, int]:
        """Return the keys of the tags that are held, each with how many of its events are listed."""
        found = self._connection.execute(
            "SELECT tag, count(*) FROM read.held WHERE model = %s GROUP BY tag", (model,)
        )
        return dict(found.fetchall())

    def load(self, table: Table, keys: Sequence[Key]) -> Mapping[Key, Line]:
        """Return those of the rows that exist."""
        return load(self._connection, table, keys)

    def of_tags(self, table: Table, values: Sequence[str]) -> Mapping[Key, Line]:
        """Return all rows of these values of the model's tag."""
        cursor = self._connection.cursor(binary=True)
        return _lines(table, cursor.execute(statements(table).of_tags, (list(values),)))

    def write(self, table: Table, lines: Sequence[Line]) -> None:
        """Insert or replace rows in one statement."""
        if not lines:
            return
        encode = msgspec.json.encode
        encoded = b",".join([encode(each.row)[:-1] + b',"position":%d}' % each.position for each in lines])
        if ENCODED_NUL in encoded:
            key = key_of(table.model)
            bad = [key(each.row) for each in lines if not storable(each.row)]
            if bad:
                raise Unstorable(bad)
        self._connection.execute(statements(table).write, ((b"[" + encoded + b"]").decode(),))

    def delete(self, table: Table, keys: Sequence[Key]) -> None:
        """Delete rows in one statement."""
        self._connection.execute(statements(table).delete, _arrays(keys))

    def touch(self, table: Table, values: Mapping[str, int]) -> None:
        """Raise the positions of all rows of these values to at least these."""
        self._connection.execute(statements(table).touch, (list(values), list(values.values())))

    def hold(self, model: str, held: Iterable[Held]) -> None:
        """Add to what is held."""
        held = list(held)
        outbox.held(self._connection, model, held)
        rows = [
            (each.tag, each.text, each.position, each.type, each.reason.replace("\0", "")) for each in held
        ]
        self._connection.execute(_HOLD, (model, *map(list, zip(*rows, strict=True))))

    def release(self, model: str, tags: Sequence[int] | None = None) -> None:
        """Hold these tags no longer, or none at all."""
        outbox.released(self._connection, model, tags)
        if tags is None:
            self._connection.execute("DELETE FROM read.held WHERE model = %s", (model,))
        else:
            self._connection.execute(
                "DELETE FROM read.held WHERE model = %s AND tag = ANY(%s::bigint[])", (model, list(tags))
            )

    def rename(self, renamed: Sequence[Renamed]) -> None:
        """Write aliases down, of each value the last."""
        last = {(each.kind, each.value): each for each in renamed}
        rows = [(each.kind, each.value, each.into, each.position) for each in last.values()]
        self._connection.execute(_RENAME, [list(each) for each in zip(*rows, strict=True)])

    def move(self, models: Sequence[str], partition: int, position: int) -> None:
        """Move bookmarks, all in one statement."""
        self._connection.execute(
            _MOVE, {"position": position, "partition": partition, "models": list(models)}
        )

    def swap(self, table: Table, digest: str, position: int) -> None:
        """Make a table the live one; all partitions of its model are at the same position then."""
        name, execute = table.model.name, self._connection.execute
        # Lost rows are folded again, but a lost swap would leave no table to fold them into.
        execute("SET LOCAL synchronous_commit = on")
        schema = [
            {"name": each.name, "type": each.sql, "nullable": each.nullable} for each in columns(table.model)
        ]
        execute(_RETIRE, (name,))
        execute(_MODEL, (name, table.name, digest, msgspec.json.encode(schema).decode()))
        execute("INSERT INTO read.bookmarks (model, position) VALUES (%s, 0) ON CONFLICT DO NOTHING", (name,))
        execute(_REBUILT, {"position": position, "model": name})
        self.release(name)
        outbox.rebuilt(self._connection, name, position)

    def retried(self, model: str, released: int, still_held: int) -> None:
        """Note that all that a model holds was folded again."""
        outbox.retried(self._connection, model, released, still_held)

    def announce(self, position: int) -> None:
        """Wake those who listen, once this transaction is over."""
        self._connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(position)))


def live(connection: Connection, partition: int) -> dict[str, Live]:
    """Return the live tables by model."""
    return {name: Live(*found) for name, *found in connection.execute(_LIVE, (partition,))}


def load(connection: Connection, table: Table, keys: Sequence[Key]) -> Mapping[Key, Line]:
    """Return those of the rows that exist, in one query."""
    if not keys:
        return {}
    cursor = connection.cursor(binary=True)
    return _lines(table, cursor.execute(statements(table).load, _arrays(keys)))


def snapshot(
    connection: Connection, table: Table, keys: Sequence[Key]
) -> tuple[Live | None, Mapping[Key, Line]]:
    """Return a model's bookmark and these of its rows, as of one moment."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return live(connection, 0).get(table.model.name), load(connection, table, keys)


def _lines(table: Table, rows: Iterable[tuple[Any, ...]]) -> dict[Key, Line]:
    read, key = reader(table.model), key_of(table.model)
    return {key(line.row): line for row in rows for line in (read(*row),)}


def _arrays(keys: Sequence[Key]) -> list[list[Any]]:
    return [list(each) for each in zip(*keys, strict=True)]
