"""The key store: a random key for each person and retention class. To destroy the key is to erase the data."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from adapters.keys.kek import KEY_BYTES, Wrap, make_kek
from adapters.keys.postgres_shelf import PostgresShelf
from adapters.keys.shelf import KeyStoreFault, KeyStoreUnavailable, Pair, Row, Shelf
from adapters.keys.sqlite_shelf import SqliteShelf

__all__ = ["DataKey", "KeyStore", "KeyStoreFault", "KeyStoreUnavailable", "Pair", "open_store"]

_POSTGRESQL = ("postgresql://", "postgres://")

CACHED_KEYS = 50_000
"""Keys kept unwrapped in memory; about 500 bytes each."""


class DataKey(Struct, frozen=True, gc=False):
    """A key and its id, which stands in front of all that it seals."""

    id: int
    key: bytes


class _Cache:
    """The keys used last, by pair and by id."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._pairs: OrderedDict[Pair, DataKey] = OrderedDict()
        self._ids: dict[int, Pair] = {}

    def by_pair(self, pair: Pair) -> DataKey | None:
        found = self._pairs.get(pair)
        if found is not None:
            self._pairs.move_to_end(pair)
        return found

    def by_id(self, number: int) -> DataKey | None:
        pair = self._ids.get(number)
        return None if pair is None else self.by_pair(pair)

    def keep(self, pair: Pair, key: DataKey) -> None:
        self._pairs[pair], self._ids[key.id] = key, pair
        if len(self._pairs) > self._bound:
            _, oldest = self._pairs.popitem(last=False)
            del self._ids[oldest.id]

    def clear(self) -> None:
        self._pairs.clear()
        self._ids.clear()


class KeyStore:
    """Gives out keys by person and retention class, or by id; makes those that are missing.

    Any thread may use it, and several processes the same database: a key that one of them destroys is
    forgotten by all, and none makes it again.
    """

    def __init__(self, shelf: Shelf, wrap: Wrap, cached: int = CACHED_KEYS) -> None:
        self._shelf, self._wrap = shelf, wrap
        shelf.kek(wrap.first)
        self._cache, self._destroyed = _Cache(cached), 0
        self._lock = threading.Lock()

    def keys_for(self, pairs: Iterable[Pair]) -> Mapping[Pair, DataKey | None]:
        """Return the key of each pair, None where it was destroyed. Missing ones are made and durable first."""
        with self._lock:
            self._forget_destroyed()
            found: dict[Pair, DataKey | None] = {pair: self._cache.by_pair(pair) for pair in pairs}
            missing = [pair for pair, key in found.items() if key is None]
            if missing:
                found.update(self._read_or_make(missing))
        return found

    def keys_of(self, ids: Iterable[int]) -> Mapping[int, bytes | None]:
        """Return the keys with these ids, None where destroyed. Raises KeyStoreFault for an id never issued."""
        with self._lock:
            self._forget_destroyed()
            found = {number: self._cache.by_id(number) for number in ids}
            missing = [number for number, key in found.items() if key is None]
            rows = {row.id: row for row in self._shelf.by_id(missing)} if missing else {}
            for number in missing:
                if number not in rows:
                    raise KeyStoreFault(f"key {number} is not of this key store")
                found[number] = self._opened(rows[number])
        return {number: None if key is None else key.key for number, key in found.items()}

    def destroy(self, person: str, retention: str) -> bool:
        """Destroy a key for good, and tell whether there was one; from now on none is made in its place."""
        with self._lock:
            self._cache.clear()
            return bool(self._shelf.destroy([(person, retention)]))

    def destroy_all(self, pairs: Sequence[Pair]) -> int:
        """Destroy keys for good, and tell how many there were; none is made in their place."""
        with self._lock:
            self._cache.clear()
            return self._shelf.destroy(pairs)

    def destroyed(self, pairs: Sequence[Pair]) -> bool:
        """Tell whether all of these keys are destroyed."""
        gone = {(row.person, row.retention) for row in self._shelf.by_pair(pairs) if row.wrapped is None}
        return gone.issuperset(pairs)

    def times_destroyed(self) -> int:
        """Return how often keys were destroyed, by whichever process: what was opened before may be closed now."""
        return self._shelf.times_destroyed()

    def followed(self, log_id: str) -> int:
        """Return the position up to which erasures of a log have taken effect here."""
        return self._shelf.followed(log_id)

    def follow(self, log_id: str, position: int) -> None:
        """Keep up to which position erasures of a log have taken effect here."""
        self._shelf.follow(log_id, position)

    def secret(self, name: str) -> bytes:
        """Return the city-wide secret of this name, 32 random bytes made at its first use."""
        purpose = secret_purpose(name)
        wrapped = self._shelf.secret(name, lambda kek: self._wrap.wrap(os.urandom(KEY_BYTES), purpose, kek))
        return self._wrap.unwrap(wrapped, purpose)

    def secrets(self) -> list[str]:
        """Return the names of all secrets that there are."""
        return self._shelf.secrets()

    def signed(self, name: str) -> str | None:
        """Return what was last signed under this name; it is kept apart from the log, and outlives its restores."""
        return self._shelf.signed(name)

    def sign(self, name: str, before: str | None, after: str) -> bool:
        """Put what is to be signed in the place of what was; tell whether that was still `before`."""
        return self._shelf.sign(name, before, after)

    def close(self) -> None:
        """Close the database."""
        self._shelf.close()

    def _read_or_make(self, pairs: Sequence[Pair]) -> dict[Pair, DataKey | None]:
        rows = self._shelf.by_pair(pairs)
        known = {(row.person, row.retention) for row in rows}
        if new := [pair for pair in pairs if pair not in known]:
            self._shelf.add(new, self._made)
            # Read again: another process may have made, or destroyed, the same key meanwhile.
            rows += self._shelf.by_pair(new)
        return {(row.person, row.retention): self._opened(row) for row in rows}

    def _made(self, pair: Pair, kek: str) -> bytes:
        return self._wrap.wrap(os.urandom(KEY_BYTES), purpose(pair), kek)

    def _opened(self, row: Row) -> DataKey | None:
        if row.wrapped is None:
            return None
        pair = row.person, row.retention
        key = DataKey(row.id, self._wrap.unwrap(row.wrapped, purpose(pair)))
        self._cache.keep(pair, key)
        return key

    def _forget_destroyed(self) -> None:
        times = self._shelf.times_destroyed()
        if times != self._destroyed:
            self._cache.clear()
            self._wrap.forget()
            self._destroyed = times


def purpose(pair: Pair) -> str:
    """Return what the key of a pair is wrapped for."""
    return "\0".join(pair)


def secret_purpose(name: str) -> str:
    """Return what a secret is wrapped for."""
    return f"secret {name}"


def open_store(url: str, kek: Path | None = None) -> KeyStore:
    """Open the key store at an address, `sqlite:///PATH` or `postgresql://...`; what is missing is made.

    `kek` is the file of the key-encryption key: beside SQLite's file unless told. Raises KeyStoreFault.
    """
    file = kek_file(url, kek)
    shelf = open_shelf(url)
    try:
        _make_kek(file, shelf)
        return KeyStore(shelf, Wrap(file))
    except OSError as error:
        shelf.close()
        raise KeyStoreFault(f"the key store cannot be opened: {error}") from error
    except BaseException:
        shelf.close()
        raise


def kek_file(url: str, kek: Path | None = None) -> Path:
    """Return where the key-encryption key is: beside SQLite's file unless told. Raises KeyStoreFault."""
    if not url.startswith(_POSTGRESQL):
        return kek or _path(url).with_name("kek")
    if kek is None:
        raise KeyStoreFault("a key store in PostgreSQL needs a file for its key-encryption key")
    return kek


def open_shelf(url: str) -> Shelf:
    """Open what a key store stands on. Raises KeyStoreFault."""
    try:
        if url.startswith(_POSTGRESQL):
            return PostgresShelf(url)
        path = _path(url)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return SqliteShelf(path)
    except OSError as error:
        raise KeyStoreFault(f"the key store cannot be opened: {error}") from error


def _path(url: str) -> Path:
    path = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or not path.name:
        raise KeyStoreFault("a key store's address is sqlite:///PATH or postgresql://HOST/DATABASE")
    return path


def _make_kek(path: Path, shelf: Shelf) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists() and shelf.empty():
        make_kek(path)
