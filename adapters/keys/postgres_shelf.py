"""The same shelf in PostgreSQL, for publishers on several machines. The key-encryption key stays in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from adapters.keys.shelf import KeyStoreUnavailable, Pair, Rewrapped, Row
from adapters.locks import AdvisoryLock

CONNECTIONS = 2
WAIT_SECONDS = 10.0

_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS keys;
CREATE TABLE IF NOT EXISTS keys.data_keys (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person text NOT NULL,
    retention text NOT NULL,
    wrapped bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    UNIQUE (person, retention)
);
CREATE TABLE IF NOT EXISTS keys.secrets (name text PRIMARY KEY, wrapped bytea NOT NULL);
CREATE TABLE IF NOT EXISTS keys.signed (name text PRIMARY KEY, note text NOT NULL);
CREATE TABLE IF NOT EXISTS keys.destroyed (times bigint NOT NULL);
CREATE TABLE IF NOT EXISTS keys.followed (log text PRIMARY KEY, position bigint NOT NULL);
CREATE TABLE IF NOT EXISTS keys.kek (fingerprint text NOT NULL);
INSERT INTO keys.destroyed SELECT 0 WHERE NOT EXISTS (SELECT FROM keys.destroyed);
"""
_FORGET = "UPDATE keys.destroyed SET times = times + 1"
_ROWS = "SELECT id, person, retention, wrapped FROM keys.data_keys WHERE "


class PostgresShelf:
    """A shelf in the schema `keys` of a database of its own (or of the log's, where erasing need not reach backups)."""

    def __init__(self, url: str) -> None:
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=WAIT_SECONDS,
            kwargs={"autocommit": True, "options": "-c synchronous_commit=on"},
            open=True,
        )
        try:
            with self._connection() as connection, connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (AdvisoryLock.KEY_STORE,))
                connection.execute(_SCHEMA)
        except BaseException:
            self._pool.close()
            raise

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise KeyStoreUnavailable(f"the key store does not answer: {error}") from error

    def by_pair(self, pairs: Sequence[Pair]) -> list[Row]:
        """Return the rows of these pairs, those that there are."""
        where = "(person, retention) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
        return self._rows(where, [person for person, _ in pairs], [retention for _, retention in pairs])

    def by_id(self, ids: Sequence[int]) -> list[Row]:
        """Return the rows with these ids, those that there are."""
        return self._rows("id = ANY(%s)", list(ids))

    def _rows(self, where: LiteralString, *asked: list[Any]) -> list[Row]:
        with self._connection() as connection:
            return [Row(*row) for row in connection.execute(_ROWS + where, asked)]

    def add(self, pairs: Sequence[Pair], wrapped: Callable[[Pair, str], bytes]) -> None:
        """Add keys in one transaction; a pair that has a row already, even a destroyed one, keeps it."""
        with self._connection() as connection, connection.transaction():
            kek = _held_kek(connection)
            rows = [
                (*pair, wrapped(pair, kek)) for pair in sorted(pairs)
            ]  # one order: no two adders deadlock
            connection.execute(
                "INSERT INTO keys.data_keys (person, retention, wrapped) "
                "SELECT * FROM unnest(%s::text[], %s::text[], %s::bytea[]) ON CONFLICT DO NOTHING",
                [list(column) for column in zip(*rows, strict=True)],
            )

    def destroy(self, pairs: Sequence[Pair]) -> int:
        """Overwrite keys and leave their rows as tombstones; return how many keys there were."""
        had = sum(row.wrapped is not None for row in self.by_pair(pairs))
        columns = [list(column) for column in zip(*sorted(set(pairs)), strict=True)] or [[], []]
        with self._connection() as connection, connection.transaction():
            connection.execute(
                "INSERT INTO keys.data_keys (person, retention, destroyed_at) "
                "SELECT *, now() FROM unnest(%s::text[], %s::text[]) "
                "ON CONFLICT (person, retention) DO UPDATE SET wrapped = NULL, "
                "destroyed_at = coalesce(data_keys.destroyed_at, excluded.destroyed_at)",
                columns,
            )
            connection.execute(_FORGET)
        self._vacuum()
        return had

    def followed(self, log_id: str) -> int:
        """Return the position up to which erasures of a log have taken effect, 0 where none is kept."""
        query = "SELECT position FROM keys.followed WHERE log = %s"
        with self._connection() as connection:
            found = connection.execute(query, (log_id,)).fetchone()
        return 0 if found is None else int(found[0])

    def follow(self, log_id: str, position: int) -> None:
        """Keep it."""
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO keys.followed VALUES (%s, %s) "
                "ON CONFLICT (log) DO UPDATE SET position = excluded.position",
                (log_id, position),
            )

    def times_destroyed(self) -> int:
        """Return how often a key was destroyed, by whichever process."""
        with self._connection() as connection:
            return int(_only(connection.execute("SELECT times FROM keys.destroyed")))

    def secret(self, name: str, make: Callable[[str], bytes]) -> bytes:
        """Return the wrapped secret of this name, made at its first use."""
        with self._connection() as connection, connection.transaction():
            made = make(_held_kek(connection))
            connection.execute(
                "INSERT INTO keys.secrets VALUES (%s, %s) ON CONFLICT DO NOTHING", (name, made)
            )
            return bytes(
                _only(connection.execute("SELECT wrapped FROM keys.secrets WHERE name = %s", (name,)))
            )

    def secrets(self) -> list[str]:
        """Return the names of all secrets."""
        with self._connection() as connection:
            return [
                str(name) for (name,) in connection.execute("SELECT name FROM keys.secrets ORDER BY name")
            ]

    def signed(self, name: str) -> str | None:
        """Return what was last signed under this name."""
        with self._connection() as connection:
            found = connection.execute("SELECT note FROM keys.signed WHERE name = %s", (name,)).fetchone()
        return None if found is None else str(found[0])

    def sign(self, name: str, before: str | None, after: str) -> bool:
        """Put what is to be signed in the place of what was; tell whether that was still `before`."""
        if before is None:
            query: LiteralString = "INSERT INTO keys.signed VALUES (%s, %s) ON CONFLICT DO NOTHING"
            values: tuple[str, ...] = (name, after)
        else:
            query = "UPDATE keys.signed SET note = %s WHERE (name, note) = (%s, %s)"
            values = (after, name, before)
        with self._connection() as connection:
            return connection.execute(query, values).rowcount == 1

    def kek(self, first: str) -> str:
        """Return the fingerprint of the key-encryption key that keys are wrapped by: `first`, until it is another."""
        with self._connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (AdvisoryLock.KEY_STORE,))
            connection.execute(
                "INSERT INTO keys.kek SELECT %s WHERE NOT EXISTS (SELECT FROM keys.kek)", (first,)
            )
            return _held_kek(connection)

    def turn_to(self, before: str, after: str) -> bool:
        """Have all new keys wrapped by another key-encryption key; tell whether that is so now."""
        with self._connection() as connection:
            connection.execute("UPDATE keys.kek SET fingerprint = %s WHERE fingerprint = %s", (after, before))
            return _held_kek(connection) == after

    def wrapped(self, after: int, limit: int) -> list[Row]:
        """Return rows with a key, by id, the first of those after this id."""
        query = f"{_ROWS} id > %s AND wrapped IS NOT NULL ORDER BY id LIMIT %s"
        with self._connection() as connection:
            return [Row(*row) for row in connection.execute(query, (after, limit))]

    def wrapped_secrets(self) -> list[tuple[str, bytes]]:
        """Return all secrets with their names."""
        with self._connection() as connection:
            return connection.execute("SELECT name, wrapped FROM keys.secrets ORDER BY name").fetchall()

    def rewrap(self, keys: Sequence[Rewrapped]) -> None:
        """Put other wrappings in the place of those of keys, in one transaction, where those are still there."""
        with self._connection() as connection:
            connection.execute(
                "UPDATE keys.data_keys SET wrapped = told.after "
                "FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS told (id, before, after) "
                "WHERE (data_keys.id, data_keys.wrapped) = (told.id, told.before)",
                ([each.id for each in keys], [each.before for each in keys], [each.after for each in keys]),
            )

    def rewrap_secret(self, name: str, wrapped: bytes) -> None:
        """Put another wrapping in the place of a secret's."""
        with self._connection() as connection:
            connection.execute("UPDATE keys.secrets SET wrapped = %s WHERE name = %s", (wrapped, name))

    def forget(self) -> None:
        """Have every process forget the keys that it holds open, and take away rows as they were."""
        with self._connection() as connection:
            connection.execute(_FORGET)
        self._vacuum()

    def _vacuum(self) -> None:
        """Take away rows as they were. Bytes of theirs stay about, readable until the key-encryption key is another."""
        with self._connection() as connection:
            connection.execute("VACUUM keys.data_keys, keys.secrets")

    def empty(self) -> bool:
        """Tell whether nothing was ever kept."""
        query = "SELECT EXISTS (SELECT FROM keys.data_keys) OR EXISTS (SELECT FROM keys.secrets)"
        with self._connection() as connection:
            return not _only(connection.execute(query))

    def close(self) -> None:
        """Let go of the database."""
        self._pool.close()


def _held_kek(connection: psycopg.Connection[Any]) -> str:
    """Nobody turns to another key-encryption key before this transaction has ended."""
    return str(_only(connection.execute("SELECT fingerprint FROM keys.kek FOR SHARE")))


def _only(cursor: psycopg.Cursor[Any]) -> Any:
    row = cursor.fetchone()
    if row is None:
        raise psycopg.DataError("the key store's tables were emptied")
    return row[0]
