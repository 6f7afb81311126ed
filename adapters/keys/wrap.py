"""Key wrapping: keys encrypted by the key-encryption key, each bound to its purpose."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.fault import KeyStoreFault
from adapters.keys.kek import KEY_BYTES, next_of, read_kek

NOT_OURS = "a stored key cannot be unwrapped: the file 'kek' belongs to another key store, or the stored key was changed"

_NONCE_BYTES = 12


class KeyWrap:
    """Makes and unwraps keys. A wrapped key does not unwrap for another purpose, so not in another row either.

    During a rotation there are two key-encryption keys, and either of them may have wrapped a key.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ciphers = read_ciphers(file)

    @property
    def current(self) -> str:
        """The fingerprint of the key-encryption key in force."""
        return next(iter(self._ciphers))

    def new_key(self, purpose: str, kek: str) -> bytes:
        """Return a new random key, wrapped by the key-encryption key with this fingerprint."""
        return self.wrap(os.urandom(KEY_BYTES), purpose, kek)

    def wrap(self, key: bytes, purpose: str, kek: str) -> bytes:
        """Return a key, wrapped by the key-encryption key with this fingerprint."""
        if kek not in self._ciphers:
            self._ciphers |= read_ciphers(self._file)
        if kek not in self._ciphers:
            raise KeyStoreFault(NOT_OURS)
        return wrap_key(self._ciphers[kek], key, purpose)

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """Return the key. Raises KeyStoreFault if no key-encryption key here has wrapped it, or it was changed."""
        key = unwrap_key(self._ciphers.values(), wrapped, purpose)
        if key is None:
            # The known ones stay: a row that was read before a rotation is wrapped by one of them.
            self._ciphers |= read_ciphers(self._file)
            key = unwrap_key(self._ciphers.values(), wrapped, purpose)
        if key is None:
            raise KeyStoreFault(NOT_OURS)
        return key

    def reload(self) -> None:
        """Forget all key-encryption keys but those in the files."""
        self._ciphers = read_ciphers(self._file)


def data_key_purpose(person: str, retention: str) -> str:
    """Return the purpose that a data key is bound to."""
    return f"{person}\0{retention}"


def secret_purpose(name: str) -> str:
    """Return the purpose that a secret is bound to."""
    return f"secret {name}"


def read_ciphers(file: Path) -> dict[str, AESGCM]:
    """Return the key-encryption keys by fingerprint: the one in force first, then the next one if there is one."""
    # The next one is read first: if it is put into force meanwhile, it is found in its new place.
    following, kek = read_kek(next_of(file)), read_kek(file)
    if kek is None:
        raise KeyStoreFault(f"the key-encryption key {file} is missing: restore it from its backup")
    return {fingerprint(key): AESGCM(key) for key in (kek, following) if key}


def fingerprint(kek: bytes) -> str:
    """Return the name of a key-encryption key, from which nothing of the key can be inferred."""
    return sha256(b"pujiang kek\0" + kek).hexdigest()[:16]


def wrap_key(cipher: AESGCM, key: bytes, purpose: str) -> bytes:
    """Return a wrapped key: a nonce, then the key in AES-GCM."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, key, purpose.encode())


def unwrap_key(ciphers: Iterable[AESGCM], wrapped: bytes, purpose: str) -> bytes | None:
    """Return a key that one of these has wrapped, None if none has."""
    for cipher in ciphers:
        with contextlib.suppress(InvalidTag, ValueError):
            return cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], purpose.encode())
    return None
