"""What a key store needs of a database. Nothing on a shelf can be read without the key-encryption key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

Pair = tuple[str, str]
"""A person's number and a retention class."""


class KeyStoreFault(Exception):
    """The key store cannot be used: what is wrong with it, in a sentence."""


class KeyStoreUnavailable(KeyStoreFault):
    """The key store can take nothing now (its disk is full, its server is away, ...); later it may."""


class Row(Struct, frozen=True, gc=False):
    """A kept key: `wrapped` is None once it has been destroyed."""

    id: int
    person: str
    retention: str
    wrapped: bytes | None


class Rewrapped(Struct, frozen=True, gc=False):
    """A key's row, as its wrapping was and as it is to be."""

    id: int
    before: bytes
    after: bytes


class Shelf(Protocol):
    """What a key store needs of a database. All that is written is durable on return."""

    def by_pair(self, pairs: Sequence[Pair]) -> list[Row]:
        """Return the rows of these pairs, those that there are."""

    def by_id(self, ids: Sequence[int]) -> list[Row]:
        """Return the rows with these ids, those that there are."""

    def add(self, pairs: Sequence[Pair], wrapped: Callable[[Pair, str], bytes]) -> None:
        """Add keys in one transaction; a pair that has a row already, even a destroyed one, keeps it.

        `wrapped` makes a key, wrapped by the key-encryption key of this fingerprint.
        """

    def destroy(self, pairs: Sequence[Pair]) -> int:
        """Overwrite keys and leave their rows as tombstones; return how many keys there were."""

    def followed(self, log_id: str) -> int:
        """Return the position up to which erasures of a log have taken effect, 0 where none is kept."""

    def follow(self, log_id: str, position: int) -> None:
        """Keep it."""

    def times_destroyed(self) -> int:
        """Return how often a key was destroyed, by whichever process."""

    def secret(self, name: str, make: Callable[[str], bytes]) -> bytes:
        """Return the wrapped secret of this name, made at its first use, as a key is made."""

    def secrets(self) -> list[str]:
        """Return the names of all secrets."""

    def signed(self, name: str) -> str | None:
        """Return what was last signed under this name."""

    def sign(self, name: str, before: str | None, after: str) -> bool:
        """Put what is to be signed in the place of what was; tell whether that was still `before`."""

    def kek(self, first: str) -> str:
        """Return the fingerprint of the key-encryption key that keys are wrapped by: `first`, until it is another."""

    def turn_to(self, before: str, after: str) -> bool:
        """Have all new keys wrapped by another key-encryption key; tell whether that is so now."""

    def wrapped(self, after: int, limit: int) -> list[Row]:
        """Return rows with a key, by id, the first of those after this id."""

    def wrapped_secrets(self) -> list[tuple[str, bytes]]:
        """Return all secrets with their names."""

    def rewrap(self, keys: Sequence[Rewrapped]) -> None:
        """Put other wrappings in the place of those of keys, in one transaction, where those are still there."""

    def rewrap_secret(self, name: str, wrapped: bytes) -> None:
        """Put another wrapping in the place of a secret's."""

    def forget(self) -> None:
        """Have every process forget the keys that it holds open, and leave nothing of former wrappings behind."""

    def empty(self) -> bool:
        """Tell whether nothing was ever kept."""

    def close(self) -> None:
        """Let go of the database."""
