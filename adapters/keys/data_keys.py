"""Data keys: a random key for each person and retention class. To destroy the key is to erase the data."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from adapters.keys.fault import KeyStoreFault
from adapters.keys.shelf import StoredKey, WrappedKeys
from adapters.keys.wrap import KeyWrap, data_key_purpose
from streams.erasure.eraser import Pair

CACHED_KEYS = 50_000
"""Keys kept unwrapped in memory: about 500 bytes each, 25 MB in all."""


class DataKey(Struct, frozen=True, gc=False):
    """A key and its id, which every value that it seals begins with."""

    id: int
    key: bytes


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
    """Looks up data keys by pair or by id, and makes those that are missing.

    Any thread may use it, and several processes the same database: once one of them destroys a key, all forget
    it and none makes it again.
    """

    def __init__(self, stored: WrappedKeys, wrap: KeyWrap, cached: int = CACHED_KEYS) -> None:
        self._stored, self._wrap = stored, wrap
        self._cache, self._destructions = _Cache(cached), 0
        self._lock = threading.Lock()

    def get_or_make(self, pairs: Iterable[Pair]) -> Mapping[Pair, DataKey | None]:
        """Return the key of each pair, None if it is destroyed. New keys are durable on return."""
        with self._lock:
            self._drop_stale()
            found: dict[Pair, DataKey | None] = {pair: self._cache.by_pair(pair) for pair in pairs}
            missing = [pair for pair, key in found.items() if key is None]
            if missing:
                found.update(self._read_or_make(missing))
        return found

    def get(self, ids: Iterable[int]) -> Mapping[int, bytes | None]:
        """Return the keys with these ids, None if destroyed. Raises KeyStoreFault for an id never issued."""
        with self._lock:
            self._drop_stale()
            found = {key_id: self._cache.by_id(key_id) for key_id in ids}
            missing = [key_id for key_id, key in found.items() if key is None]
            rows = {row.id: row for row in self._stored.by_id(missing)} if missing else {}
            for key_id in missing:
                if key_id not in rows:
                    raise KeyStoreFault(f"key {key_id} does not belong to this key store")
                found[key_id] = self._unwrapped(rows[key_id])
        return {key_id: None if key is None else key.key for key_id, key in found.items()}

    def destroy(self, pairs: Sequence[Pair]) -> int:
        """Destroy keys for good, so that none is made in their place; return how many there were."""
        with self._lock:
            self._cache.clear()
            return self._stored.destroy(pairs)

    def destroyed(self, pairs: Sequence[Pair]) -> bool:
        """Return whether all of these keys are destroyed."""
        gone = {(row.person, row.retention) for row in self._stored.by_pair(pairs) if row.wrapped is None}
        return gone.issuperset(pairs)

    def destructions(self) -> int:
        """Return a number that rises whenever a process destroys keys: what could be opened before may be erased."""
        return self._stored.destructions()

    def _read_or_make(self, pairs: Sequence[Pair]) -> dict[Pair, DataKey | None]:
        rows = self._stored.by_pair(pairs)
        known = {(row.person, row.retention) for row in rows}
        if new := [pair for pair in pairs if pair not in known]:
            self._stored.add(new, lambda pair, kek: self._wrap.new_key(data_key_purpose(*pair), kek))
            # Read again: meanwhile another process may have made, or destroyed, the same key.
            rows += self._stored.by_pair(new)
        return {(row.person, row.retention): self._unwrapped(row) for row in rows}

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
