"""The shelf in one SQLite file: what is deleted or overwritten is nowhere in its files any more."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from adapters.keys.shelf import KeyStoreFault, KeyStoreUnavailable, Pair, Rewrapped, Row

BUSY_SECONDS = 30.0

_ASKED_AT_ONCE = 400
_FORGET = "UPDATE destroyed SET times = times + 1"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS data_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL,
    retention TEXT NOT NULL,
    wrapped BLOB,
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER)),
    destroyed_at INTEGER,
    UNIQUE (person, retention)
);
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, wrapped BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS signed (name TEXT PRIMARY KEY, note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS destroyed (times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS followed (log TEXT PRIMARY KEY, position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS kek (fingerprint TEXT NOT NULL);
INSERT INTO destroyed SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM destroyed);
"""


class SqliteShelf:
    """A shelf in a SQLite file of mode 0600. Threads take turns; processes wait for each other."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}")
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
        except (sqlite3.DatabaseError, KeyStoreUnavailable) as error:
            self._db.close()
            raise KeyStoreFault(f"{path} cannot be used as a key store: {error}") from error

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.OperationalError as error:
                raise KeyStoreUnavailable(f"the key store takes nothing now: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._turn():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def by_pair(self, pairs: Sequence[Pair]) -> list[Row]:
        """Return the rows of these pairs, those that there are."""
        # In this order, each pair is looked up in the index; an IN would scan all keys.
        return self._rows(
            pairs, "(VALUES {}) CROSS JOIN data_keys ON (person, retention) = (column1, column2)"
        )

    def by_id(self, ids: Sequence[int]) -> list[Row]:
        """Return the rows with these ids, those that there are."""
        return self._rows([(each,) for each in ids], "(VALUES {}) CROSS JOIN data_keys ON id = column1")

    def _rows(self, asked: Sequence[tuple[Any, ...]], joined: str) -> list[Row]:
        found: list[Row] = []
        rest = iter(asked)
        with self._turn():
            while part := list(islice(rest, _ASKED_AT_ONCE)):
                marks = ", ".join([f"({', '.join('?' * len(part[0]))})"] * len(part))
                query = f"SELECT id, person, retention, wrapped FROM {joined.format(marks)}"  # noqa: S608
                found.extend(
                    Row(*row) for row in self._db.execute(query, [value for each in part for value in each])
                )
        return found

    def add(self, pairs: Sequence[Pair], wrapped: Callable[[Pair, str], bytes]) -> None:
        """Add keys in one transaction; a pair that has a row already, even a destroyed one, keeps it."""
        with self._transaction():
            kek = self._kek()
            rows = [(*pair, wrapped(pair, kek)) for pair in pairs]
            self._db.executemany(
                "INSERT INTO data_keys (person, retention, wrapped) VALUES (?, ?, ?) "
                "ON CONFLICT (person, retention) DO NOTHING",
                rows,
            )

    def destroy(self, pairs: Sequence[Pair]) -> int:
        """Overwrite keys and leave their rows as tombstones; return how many keys there were."""
        had = sum(row.wrapped is not None for row in self.by_pair(pairs))
        with self._transaction():
            self._db.executemany(
                "INSERT INTO data_keys (person, retention, destroyed_at) "
                "VALUES (?, ?, CAST(strftime('%s', 'now') AS INTEGER)) "
                "ON CONFLICT (person, retention) DO UPDATE SET wrapped = NULL, "
                "destroyed_at = coalesce(destroyed_at, excluded.destroyed_at)",
                pairs,
            )
            self._db.execute(_FORGET)
        self._truncate_journal()
        return had

    def followed(self, log_id: str) -> int:
        """Return the position up to which erasures of a log have taken effect, 0 where none is kept."""
        with self._turn():
            found = self._db.execute("SELECT position FROM followed WHERE log = ?", (log_id,)).fetchone()
        return 0 if found is None else int(found[0])

    def follow(self, log_id: str, position: int) -> None:
        """Keep it."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO followed VALUES (?, ?)", (log_id, position))

    def forget(self) -> None:
        """Have every process forget the keys that it holds open, and leave nothing of former wrappings behind."""
        with self._transaction():
            self._db.execute(_FORGET)
        self._truncate_journal()

    def _truncate_journal(self) -> None:
        """Empty the write-ahead log, which still has pages as they were."""
        with self._turn():
            busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise KeyStoreUnavailable("the key store's journal is in use, and still has keys as they were")

    def times_destroyed(self) -> int:
        """Return how often a key was destroyed, by whichever process."""
        with self._turn():
            return int(self._db.execute("SELECT times FROM destroyed").fetchone()[0])

    def secret(self, name: str, make: Callable[[str], bytes]) -> bytes:
        """Return the wrapped secret of this name, made at its first use."""
        with self._transaction():
            found = self._db.execute("SELECT wrapped FROM secrets WHERE name = ?", (name,)).fetchone()
            if found is None:
                found = (make(self._kek()),)
                self._db.execute("INSERT INTO secrets VALUES (?, ?)", (name, *found))
        return bytes(found[0])

    def secrets(self) -> list[str]:
        """Return the names of all secrets."""
        with self._turn():
            return [name for (name,) in self._db.execute("SELECT name FROM secrets ORDER BY name")]

    def signed(self, name: str) -> str | None:
        """Return what was last signed under this name."""
        with self._turn():
            found = self._db.execute("SELECT note FROM signed WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def sign(self, name: str, before: str | None, after: str) -> bool:
        """Put what is to be signed in the place of what was; tell whether that was still `before`."""
        with self._transaction():
            if self.signed(name) != before:
                return False
            self._db.execute("INSERT OR REPLACE INTO signed VALUES (?, ?)", (name, after))
        return True

    def kek(self, first: str) -> str:
        """Return the fingerprint of the key-encryption key that keys are wrapped by: `first`, until it is another."""
        with self._turn():
            self._db.execute("INSERT INTO kek SELECT ? WHERE NOT EXISTS (SELECT 1 FROM kek)", (first,))
            return self._kek()

    def _kek(self) -> str:
        return str(self._db.execute("SELECT fingerprint FROM kek").fetchone()[0])

    def turn_to(self, before: str, after: str) -> bool:
        """Have all new keys wrapped by another key-encryption key; tell whether that is so now."""
        with self._transaction():
            self._db.execute("UPDATE kek SET fingerprint = ? WHERE fingerprint = ?", (after, before))
            return self._kek() == after

    def wrapped(self, after: int, limit: int) -> list[Row]:
        """Return rows with a key, by id, the first of those after this id."""
        query = (
            "SELECT id, person, retention, wrapped FROM data_keys "
            "WHERE id > ? AND wrapped IS NOT NULL ORDER BY id LIMIT ?"
        )
        with self._turn():
            return [Row(*row) for row in self._db.execute(query, (after, limit))]

    def wrapped_secrets(self) -> list[tuple[str, bytes]]:
        """Return all secrets with their names."""
        with self._turn():
            return self._db.execute("SELECT name, wrapped FROM secrets ORDER BY name").fetchall()

    def rewrap(self, keys: Sequence[Rewrapped]) -> None:
        """Put other wrappings in the place of those of keys, in one transaction, where those are still there."""
        with self._transaction():
            self._db.executemany(
                "UPDATE data_keys SET wrapped = ? WHERE (id, wrapped) = (?, ?)",
                [(each.after, each.id, each.before) for each in keys],
            )

    def rewrap_secret(self, name: str, wrapped: bytes) -> None:
        """Put another wrapping in the place of a secret's."""
        with self._transaction():
            self._db.execute("UPDATE secrets SET wrapped = ? WHERE name = ?", (wrapped, name))

    def empty(self) -> bool:
        """Tell whether nothing was ever kept."""
        with self._turn():
            query = "SELECT EXISTS (SELECT 1 FROM data_keys) OR EXISTS (SELECT 1 FROM secrets)"
            return not self._db.execute(query).fetchone()[0]

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._db.close()
