"""The key-encryption key: 32 bytes in a file of mode 0600 beside the key store; it wraps all other keys."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.shelf import KeyStoreFault

KEY_BYTES = 32
NONCE_BYTES = 12
NOT_OURS = "a kept key does not open: the file 'kek' belongs to another key store, or one was changed"


class Wrap:
    """Wraps keys, each bound to what it is for: a wrapped key moved to another row does not open.

    While the key-encryption key is rotated there are two, and keys are wrapped by either.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ciphers = ciphers(path)

    @property
    def first(self) -> str:
        """The fingerprint of the key-encryption key that was there before the one that follows it, if any."""
        return next(iter(self._ciphers))

    def wrap(self, key: bytes, purpose: str, kek: str) -> bytes:
        """Return the key, encrypted: nonce and AES-GCM, by the key-encryption key of this fingerprint."""
        if kek not in self._ciphers:
            self._ciphers |= ciphers(self._path)
        if kek not in self._ciphers:
            raise KeyStoreFault(NOT_OURS)
        return wrapped(self._ciphers[kek], key, purpose)

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """Return the key. Raises KeyStoreFault where the key-encryption key is another, or the row was changed."""
        key = opened(self._ciphers, wrapped, purpose)
        if key is None:
            # Those known before stay: what was read with this one may be wrapped by them.
            self._ciphers |= ciphers(self._path)
            key = opened(self._ciphers, wrapped, purpose)
        if key is None:
            raise KeyStoreFault(NOT_OURS)
        return key

    def forget(self) -> None:
        """Know no other key-encryption keys than those of the files."""
        self._ciphers = ciphers(self._path)


def ciphers(path: Path) -> dict[str, AESGCM]:
    """Return the key-encryption keys by fingerprint: the one in force, and the one that is to follow it."""
    # The follower first: it may take the other's place meanwhile, and is then found there.
    follower, kek = read_kek(next_of(path)), read_kek(path)
    if kek is None:
        raise KeyStoreFault(f"the key-encryption key {path} is missing: bring it back from its backup")
    return {fingerprint(key): AESGCM(key) for key in (kek, follower) if key}


def fingerprint(key: bytes) -> str:
    """Return what a key-encryption key is known by, which tells nothing of it."""
    return sha256(b"pujiang kek\0" + key).hexdigest()[:16]


def wrapped(cipher: AESGCM, key: bytes, purpose: str) -> bytes:
    """Return a key, encrypted: nonce and AES-GCM."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, key, purpose.encode())


def opened(by: Mapping[str, AESGCM], wrapped: bytes, purpose: str) -> bytes | None:
    """Return the key that one of these has wrapped, None where none has."""
    for cipher in by.values():
        with contextlib.suppress(InvalidTag, ValueError):
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], purpose.encode())
    return None


def next_of(path: Path) -> Path:
    """The file of the key-encryption key that is to follow."""
    return path.with_name(f"{path.name}.next")


def old_of(path: Path) -> Path:
    """The file of the key-encryption key that was followed, and is about to be destroyed."""
    return path.with_name(f"{path.name}.old")


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
    sync_folder(path.parent)
    key = read_kek(path)
    if key is None:
        raise KeyStoreFault(f"{path} vanished while it was made")
    return key


def follow(path: Path) -> None:
    """Put the following key-encryption key in the place of the one in force."""
    with contextlib.suppress(FileExistsError):
        old_of(path).hardlink_to(path)
    next_of(path).rename(path)
    sync_folder(path.parent)


def shred(path: Path) -> None:
    """Overwrite a key-encryption key and take its file away."""
    with path.open("r+b") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep others from rotating or copying the key-encryption key. Raises KeyStoreFault where somebody does."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise KeyStoreFault(
                f"another command rotates or copies the keys in {folder}: wait for it"
            ) from error
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
