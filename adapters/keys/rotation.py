"""Rotation of the key-encryption key: all keys are wrapped by a new one, then the old one is destroyed.

Killed at any point, a rotation goes on where it was when it is run again; keys open at every moment. What the old
key-encryption key had wrapped, and may still lie about in journals and backups of the key store, opens no more.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys import kek as files
from adapters.keys.kek import ciphers, next_of, old_of, opened, wrapped
from adapters.keys.shelf import KeyStoreFault, Rewrapped, Shelf
from adapters.keys.store import purpose, secret_purpose

AT_ONCE = 5_000
"""So many keys are wrapped again in one transaction."""

Told = Callable[[int], None]
"""Told how many more keys have been wrapped again."""


def prepare(kek: Path) -> Path:
    """Make the key-encryption key that is to follow, for other machines to be given it first; return its file."""
    follower = next_of(kek)
    if not follower.exists():
        if old_of(kek).exists():
            raise KeyStoreFault("the rotation before was interrupted: finish it first")
        files.make_kek(follower)
    return follower


def rotate(shelf: Shelf, kek: Path, told: Told) -> None:
    """Rotate the key-encryption key, or finish a rotation that was interrupted. Raises KeyStoreFault."""
    with files.held(kek.parent):
        if not next_of(kek).exists() and old_of(kek).exists():
            finish(shelf, kek)
            return
        prepare(kek)
        before, *others = ciphers(kek)
        if not others:
            raise KeyStoreFault(f"{next_of(kek)} is the key-encryption key that is in force: take it away")
        after = others[0]
        shelf.kek(before)
        if not shelf.turn_to(before, after):
            raise KeyStoreFault(
                f"the key store was rotated elsewhere: bring its key-encryption key here as {next_of(kek)}"
            )
        rewrap(shelf, kek, told)
        files.follow(kek)
        finish(shelf, kek)


def rewrap(shelf: Shelf, kek: Path, told: Told) -> None:
    """Wrap by the following key-encryption key whatever is still wrapped by the one in force."""
    (_, old), (_, new) = ciphers(kek).items()
    for name, each in shelf.wrapped_secrets():
        if (key := _to_wrap(old, new, each, secret_purpose(name))) is not None:
            shelf.rewrap_secret(name, wrapped(new, key, secret_purpose(name)))
    last = 0
    while rows := shelf.wrapped(last, AT_ONCE):
        last, changes = rows[-1].id, []
        for row in rows:
            what = purpose((row.person, row.retention))
            if row.wrapped and (key := _to_wrap(old, new, row.wrapped, what)) is not None:
                changes.append(Rewrapped(row.id, row.wrapped, wrapped(new, key, what)))
        shelf.rewrap(changes)
        told(len(rows))


def _to_wrap(old: AESGCM, new: AESGCM, found: bytes, what: str) -> bytes | None:
    if (key := opened({"": old}, found, what)) is not None:
        return key
    if opened({"": new}, found, what) is None:
        raise KeyStoreFault(f"{files.NOT_OURS}; nothing is destroyed")
    return None


def finish(shelf: Shelf, kek: Path) -> None:
    """Have all processes forget the old key-encryption key, and destroy it."""
    shelf.forget()
    files.shred(old_of(kek))
