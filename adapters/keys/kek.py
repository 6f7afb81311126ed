"""The key-encryption key: 32 bytes in a file of mode 0600 beside the key store; it wraps all other keys."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.shelf import KeyStoreFault

KEY_BYTES = 32
NONCE_BYTES = 12


class Wrap:
    """Wraps keys, each bound to what it is for: a wrapped key moved to another row does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def wrap(self, key: bytes, purpose: str) -> bytes:
        """Return the key, encrypted: nonce and AES-GCM."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, purpose.encode())

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """Return the key. Raises KeyStoreFault where the key-encryption key is another, or the row was changed."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyStoreFault(
                "a kept key does not open: the file 'kek' belongs to another key store, or one was changed"
            ) from error


def read_kek(path: Path) -> bytes | None:
    """Return the key-encryption key, None where there is none yet."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(key) != KEY_BYTES:
        raise KeyStoreFault(f"{path} has {len(key)} bytes, no key-encryption key of {KEY_BYTES}")
    return key


def make_kek(path: Path) -> bytes:
    """Make the key-encryption key, whole and durable or not at all; another process may be faster."""
    handle, name = tempfile.mkstemp(prefix="kek-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(name)
    finally:
        Path(name).unlink()
    _sync_folder(path.parent)
    key = read_kek(path)
    if key is None:
        raise KeyStoreFault(f"{path} vanished while it was made")
    return key


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
