"""Rotation of the key-encryption key: a new one wraps all keys, then the old one is destroyed.

Killed at any point, a rotation continues when it is run again, and all keys can be used meanwhile. Former versions of
keys, which may remain in journals and backups of the key store, cannot be unwrapped any more once it is finished.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys import kek as files
from adapters.keys.fault import KeyStoreFault
from adapters.keys.kek import next_of, old_of
from adapters.keys.shelf import KekInUse, Rewrapped, WrappedKeys, WrappedSecrets
from adapters.keys.wrap import (
    NOT_OURS,
    data_key_purpose,
    read_ciphers,
    secret_purpose,
    unwrap_key,
    wrap_key,
)

BATCH_KEYS = 5_000
"""Data keys rewrapped in one transaction: 300 kB of wrapped keys, and publishers wait for one batch at most."""

Report = Callable[[int], None]
"""Receives how many more data keys have been rewrapped."""


def prepare(file: Path) -> Path:
    """Make the next key-encryption key, so that it can be copied to other machines first; return its file."""
    following = next_of(file)
    if not following.exists():
        if old_of(file).exists():
            raise KeyStoreFault("an earlier rotation was interrupted: finish it first")
        files.make_kek(following)
    return following


class Rotation:
    """Rotates the key-encryption key in a file."""

    def __init__(self, keys: WrappedKeys, secrets: WrappedSecrets, kek: KekInUse, file: Path) -> None:
        self._keys, self._secrets, self._kek, self._file = keys, secrets, kek, file

    def run(self, report: Report) -> None:
        """Rotate, or finish a rotation that was interrupted. Raises KeyStoreFault."""
        with files.locked(self._file.parent):
            if next_of(self._file).exists() or not old_of(self._file).exists():
                prepare(self._file)
                self._use_next()
                self._rewrap(report)
                files.promote(self._file)
            self._destroy_old()

    def _use_next(self) -> None:
        """Have the next key-encryption key wrap all new keys."""
        current, *others = read_ciphers(self._file)
        following = next_of(self._file)
        if not others:
            raise KeyStoreFault(f"{following} is the key-encryption key already in force: remove it")
        self._kek.begin_with(current)
        if not self._kek.replace(current, others[0]):
            raise KeyStoreFault(
                f"the key store was rotated on another machine: copy its key-encryption key to {following}"
            )

    def _rewrap(self, report: Report) -> None:
        old, new = read_ciphers(self._file).values()
        for name, wrapped in self._secrets.all():
            if (again := _rewrapped(old, new, wrapped, secret_purpose(name))) is not None:
                self._secrets.rewrap(name, again)
        last = 0
        while rows := self._keys.page(last, BATCH_KEYS):
            last, changes = rows[-1].id, []
            for row in rows:
                purpose = data_key_purpose(row.person, row.retention)
                if row.wrapped and (again := _rewrapped(old, new, row.wrapped, purpose)) is not None:
                    changes.append(Rewrapped(row.id, row.wrapped, again))
            self._keys.rewrap(changes)
            report(len(rows))

    def _destroy_old(self) -> None:
        """Have all processes forget the old key-encryption key, then destroy it."""
        self._keys.purge()
        files.shred(old_of(self._file))


def _rewrapped(old: AESGCM, new: AESGCM, wrapped: bytes, purpose: str) -> bytes | None:
    """Return a key wrapped by the new key-encryption key, None if it is already. Raises KeyStoreFault."""
    if (key := unwrap_key([old], wrapped, purpose)) is not None:
        return wrap_key(new, key, purpose)
    if unwrap_key([new], wrapped, purpose) is None:
        raise KeyStoreFault(f"{NOT_OURS}; nothing was destroyed")
    return None
