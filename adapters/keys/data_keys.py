"""Data keys: a random key for each person and retention class. To destroy the key is to erase the data."""

from __future__ import annotations

import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from weakref import WeakValueDictionary

from adapters.keys.kek import KEY_BYTES
from adapters.keys.shelf import StoredKey, WrappedKeys
from adapters.keys.wrap import KeyWrap, data_key_purpose
from events.erasing import Pair
from streams.publish.new_keys import StoredKeys
from streams.publish.unstored import DataKey

ID_BITS = 63
"""Bits of a key's id: random, so that ids of two key stores, or of one that was restored, never mean two keys."""

CACHED_KEYS = 50_000
"""Keys kept unwrapped in memory: about 500 bytes each, 25 MB in all."""


def new_id() -> int:
    """Return a random id for a key, above 0."""
    return secrets.randbelow((1 << ID_BITS) - 1) + 1


class _Cache:
    """The most recently used keys, by pair and by id."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._pairs: OrderedDict[Pair, DataKey] = OrderedDict()
        self._ids: dict[int, Pair] = {}

    def by_pair(self, pair: Pair) -> DataKey | None:
        found = self._pairs.get(pair)
        if found is not None:
            self._pairs.move_to_end(pair)
        return found

    def by_id(self, key_id: int) -> DataKey | None:
        pair = self._ids.get(key_id)
        return None if pair is None else self.by_pair(pair)

    def keep(self, pair: Pair, key: DataKey) -> None:
        self._pairs[pair], self._ids[key.id] = key, pair
        if len(self._pairs) > self._bound:
            _, oldest = self._pairs.popitem(last=False)
            del self._ids[oldest.id]

    def clear(self) -> None:
        self._pairs.clear()
        self._ids.clear()


class DataKeys:
    """Looks up data keys by pair or by id, and makes and stores new ones.

    Any thread may use it, and several processes the same database: once one of them destroys a key, all forget
    it and none makes it again.
    """

    def __init__(self, stored: WrappedKeys, wrap: KeyWrap, cached: int = CACHED_KEYS) -> None:
        self._stored, self._wrap = stored, wrap
        self._cache, self._destructions = _Cache(cached), 0
        self._new: WeakValueDictionary[Pair, DataKey] = WeakValueDictionary()
        self._lock = threading.Lock()

    def get_or_make(self, pairs: Iterable[Pair]) -> StoredKeys:
        """Return the key of each pair, None if it is destroyed. New keys are durable on return."""
        found, new = self.get_or_draft(pairs)
        return {**found, **self.store(new)} if new else found

    def get_or_draft(self, pairs: Iterable[Pair]) -> tuple[StoredKeys, Mapping[Pair, DataKey]]:
        """Return the stored keys of these pairs, and new ones for the others, which are in memory only.

        A new key is the same for all who hold it, and gone with the last of them unless one has stored it.
        """
        wanted = list(dict.fromkeys(pairs))
        found = self.stored(wanted)
        with self._lock:
            return found, {pair: self._draft(pair) for pair in wanted if pair not in found}

    def stored(self, pairs: Iterable[Pair]) -> StoredKeys:
        """Return the keys of these pairs, None if destroyed; those that nobody has stored are left out."""
        with self._lock:
            self._drop_stale()
            known = {pair: self._cache.by_pair(pair) for pair in pairs}
            found: dict[Pair, DataKey | None] = {pair: key for pair, key in known.items() if key is not None}
            if len(found) < len(known):
                found.update(self._read([pair for pair, key in known.items() if key is None]))
        return found

    def store(self, keys: Mapping[Pair, DataKey]) -> StoredKeys:
        """Store new keys, durable on return; return the keys in force, which others may have stored before."""
        ids = {pair: key.id for pair, key in keys.items()}
        with self._lock:
            self._stored.add(
                ids, lambda pair, kek: self._wrap.wrap(keys[pair].key, data_key_purpose(*pair), kek)
            )
            # Read again: meanwhile another process may have stored, or destroyed, another key of the pair.
            return self._read(list(keys))

    def get(self, ids: Iterable[int]) -> Mapping[int, bytes | None]:
        """Return the keys with these ids, None if destroyed; an id that this key store does not know is left out."""
        with self._lock:
            self._drop_stale()
            found = {key_id: self._cache.by_id(key_id) for key_id in ids}
            missing = [key_id for key_id, key in found.items() if key is None]
            rows = {row.id: row for row in self._stored.by_id(missing)} if missing else {}
            for key_id in missing:
                if key_id in rows:
                    found[key_id] = self._unwrapped(rows[key_id])
                else:
                    del found[key_id]
        return {key_id: None if key is None else key.key for key_id, key in found.items()}

    def destroy(self, pairs: Sequence[Pair]) -> int:
        """Destroy keys for good, so that none is made in their place; return how many there were."""
        with self._lock:
            self._cache.clear()
            return self._stored.destroy({pair: new_id() for pair in pairs})

    def destroyed(self, pairs: Sequence[Pair]) -> bool:
        """Return whether all of these keys are destroyed."""
        gone = {(row.person, row.retention) for row in self._stored.by_pair(pairs) if row.wrapped is None}
        return gone.issuperset(pairs)

    def destroyed_ids(self) -> list[int]:
        """Return the ids of all destroyed keys."""
        return self._stored.tombstones()

    def destructions(self) -> int:
        """Return a number that rises whenever a process destroys keys: what could be opened before may be erased."""
        return self._stored.destructions()

    def _read(self, pairs: Sequence[Pair]) -> dict[Pair, DataKey | None]:
        return {(row.person, row.retention): self._unwrapped(row) for row in self._stored.by_pair(pairs)}

    def _draft(self, pair: Pair) -> DataKey:
        found = self._new.get(pair)
        if found is None:
            found = self._new[pair] = DataKey(new_id(), os.urandom(KEY_BYTES))
        return found

    def _unwrapped(self, row: StoredKey) -> DataKey | None:
        if row.wrapped is None:
            return None
        purpose = data_key_purpose(row.person, row.retention)
        key = DataKey(row.id, self._wrap.unwrap(row.wrapped, purpose))
        self._cache.keep((row.person, row.retention), key)
        return key

    def _drop_stale(self) -> None:
        destructions = self._stored.destructions()
        if destructions != self._destructions:
            self._cache.clear()
            self._wrap.reload()
            self._destructions = destructions
