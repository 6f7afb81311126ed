"""The shelf: what the database of a key store keeps, concern by concern.

Keys and secrets are wrapped: nothing here can be read without the key-encryption key. All that is written is durable
on return. Every method raises KeyStoreUnavailable if the database cannot be used at the moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from events.erasing import Pair
from streams.erasure.eraser import Bookmarks
from streams.proof.witness import SignedNotes


class StoredKey(Struct, frozen=True, gc=False):
    """A stored data key; `wrapped` is None once the key is destroyed."""

    id: int
    person: str
    retention: str
    wrapped: bytes | None


class Rewrapped(Struct, frozen=True, gc=False):
    """A data key under its former and its new wrapping."""

    id: int
    before: bytes
    after: bytes


class WrappedKeys(Protocol):
    """The data keys, one for each person and retention class."""

    def by_pair(self, pairs: Sequence[Pair]) -> list[StoredKey]:
        """Return the rows of these pairs; a pair that has none is left out."""

    def by_id(self, ids: Sequence[int]) -> list[StoredKey]:
        """Return the rows with these ids; an id that has none is left out."""

    def add(self, ids: Mapping[Pair, int], wrap: Callable[[Pair, str], bytes]) -> None:
        """Add keys in one transaction; a pair that has a row keeps it, even if its key is destroyed.

        `ids` are above 0; `wrap` returns a key, wrapped by the key-encryption key with the given fingerprint.
        """

    def destroy(self, ids: Mapping[Pair, int]) -> int:
        """Overwrite keys, leave their rows as tombstones and purge; return how many keys there were.

        A pair that has no row gets a tombstone with the given id.
        """

    def tombstones(self) -> list[int]:
        """Return the ids of all destroyed keys."""

    def destructions(self) -> int:
        """Return a number that rises whenever a process destroys or purges keys: cached keys are stale then."""

    def page(self, after: int, limit: int) -> list[StoredKey]:
        """Return at most `limit` rows that still hold a key, by id, from the first id above `after`."""

    def rewrap(self, keys: Sequence[Rewrapped]) -> None:
        """Replace wrappings in one transaction; a row whose wrapping is no longer the former one stays as it is."""

    def purge(self) -> None:
        """Make cached keys stale in all processes, and remove former versions of rows from the files."""


class WrappedSecrets(Protocol):
    """The secrets, by name."""

    def get_or_make(self, name: str, make: Callable[[str], bytes]) -> bytes:
        """Return the secret of this name; if there is none, add the one that `make` returns, as a key is made."""

    def all(self) -> list[tuple[str, bytes]]:
        """Return all names and secrets, by name."""

    def rewrap(self, name: str, wrapped: bytes) -> None:
        """Replace the wrapping of a secret."""


class LogBookmarks(Bookmarks, Protocol):
    """The bookmarks, which also tell the logs that the key store belongs to."""

    def begin(self, log_id: str) -> None:
        """Give a log a bookmark at its beginning, unless it has one."""

    def any(self) -> bool:
        """Return whether any log has one."""


class KekInUse(Protocol):
    """Which key-encryption key wraps new keys. It stays the same while keys are being added."""

    def fingerprint(self) -> str | None:
        """Return its fingerprint, None if the key store has never been opened."""

    def begin_with(self, fingerprint: str) -> None:
        """Use this one, unless one is in use already."""

    def replace(self, before: str, after: str) -> bool:
        """Use `after` instead of `before`; return whether `after` is in use now."""


class Shelf(Struct, frozen=True):
    """The concerns of one database, over one connection or pool, which `close` closes."""

    keys: WrappedKeys
    secrets: WrappedSecrets
    kek: KekInUse
    notes: SignedNotes
    bookmarks: LogBookmarks
    close: Callable[[], None]
