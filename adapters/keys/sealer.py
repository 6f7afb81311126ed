"""The sealer: personal data into sealed bytes and back (docs/decisions/0003-sealing.md).

offset  length  field
0       1       version, 1
1       8       key id, big-endian
9       8       keyed hash of a findable value, else zeros
17      12      nonce, from (source, id, field)
29      rest    AES-256-GCM-SIV ciphertext and tag; the first 17 bytes are authenticated with it
"""

from __future__ import annotations

import hmac
import struct
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from msgspec import Struct

from adapters.keys.store import KeyStore

VERSION = 1
HASH_BYTES = 8
DOCUMENT_HEX = 32

_HEAD = struct.Struct(">BQ8s")
_NONCE = slice(_HEAD.size, _HEAD.size + 12)
_SHORTEST = _HEAD.size + 12 + 16
_NOT_FINDABLE = bytes(HASH_BYTES)


class BrokenSeal(ValueError):
    """A sealed value is cut short or was changed, or is none."""


class Clear(Struct, frozen=True, gc=False):
    """A value that is to be sealed: whose it is, how long it is kept, and where it stands."""

    person: str
    retention: str
    source: str
    id: str
    field: str
    text: str
    findable: bool = False


class Sealer:
    """Seals and opens personal data, in batches, with the keys of a store. Any thread may use it."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._find_secret = store.secret("find")
        self._document_secret = store.secret("document")

    def seal_batch(self, values: Sequence[Clear]) -> list[bytes | None]:
        """Seal values, in order; None where the person's key was destroyed. The same value is sealed the same."""
        keys = self._store.keys_for((each.person, each.retention) for each in values)
        ciphers = {pair: (key.id, AESGCMSIV(key.key)) for pair, key in keys.items() if key is not None}
        sealed: list[bytes | None] = []
        for each in values:
            found = ciphers.get((each.person, each.retention))
            sealed.append(None if found is None else self._seal(each, *found))
        return sealed

    def _seal(self, value: Clear, number: int, cipher: AESGCMSIV) -> bytes:
        hashed = self.find_hash(value.text) if value.findable else _NOT_FINDABLE
        head = _HEAD.pack(VERSION, number, hashed)
        place = f"{value.source}\0{value.id}\0{value.field}".encode()
        nonce = blake2b(place, digest_size=12).digest()
        return head + nonce + cipher.encrypt(nonce, value.text.encode(), head)

    def open_batch(self, values: Sequence[bytes]) -> list[str | None]:
        """Open sealed values, in order; None where the key was destroyed. Raises BrokenSeal."""
        numbers = [_key_id(each) for each in values]
        keys = self._store.keys_of(set(numbers))
        ciphers = {number: AESGCMSIV(key) for number, key in keys.items() if key is not None}
        return [
            None if (cipher := ciphers.get(number)) is None else _open(sealed, cipher)
            for number, sealed in zip(numbers, values, strict=True)
        ]

    def times_destroyed(self) -> int:
        """Return how often keys were destroyed: what was opened before may be closed now."""
        return self._store.times_destroyed()

    def find_hash(self, text: str) -> bytes:
        """Return the keyed hash by which equal findable values are found; case and width do not count."""
        return hmac.digest(self._find_secret, _folded(text).encode(), "sha256")[:HASH_BYTES]

    def hash_document(self, text: str) -> str:
        """Return the keyed hash that stands for a document's number in tags, as 32 hexadecimal digits."""
        return hmac.digest(self._document_secret, _folded(text).encode(), "sha256").hex()[:DOCUMENT_HEX]


def found_by(sealed: bytes) -> bytes | None:
    """Return the keyed hash in front of a sealed value, None where it is not findable."""
    hashed = sealed[_HEAD.size - HASH_BYTES : _HEAD.size]
    return None if hashed == _NOT_FINDABLE else hashed


def _key_id(sealed: bytes) -> int:
    if len(sealed) < _SHORTEST or sealed[0] != VERSION:
        raise BrokenSeal("the bytes are no sealed value")
    _, number, _ = _HEAD.unpack_from(sealed)
    return int(number)


def _open(sealed: bytes, cipher: AESGCMSIV) -> str:
    try:
        return cipher.decrypt(sealed[_NONCE], sealed[_NONCE.stop :], sealed[: _HEAD.size]).decode()
    except InvalidTag as error:
        raise BrokenSeal("a sealed value was changed") from error


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
