"""The sealer: personal data into sealed bytes and back (docs/decisions/0003-sealing.md)."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from msgspec import Struct

from adapters.keys.seal import HASH_BYTES, NONCE_BYTES, BrokenSeal, Seal, head
from adapters.keys.store import KeyStore

DOCUMENT_HASH_DIGITS = 32
"""Hexadecimal digits of a document's keyed hash: 128 bits, at which no two numbers meet by chance."""


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

    def _seal(self, value: Clear, key_id: int, cipher: AESGCMSIV) -> bytes:
        first = head(key_id, self.find_hash(value.text) if value.findable else None)
        place = f"{value.source}\0{value.id}\0{value.field}".encode()
        nonce = blake2b(place, digest_size=NONCE_BYTES).digest()
        return bytes(Seal(first, nonce, cipher.encrypt(nonce, value.text.encode(), first)))

    def open_batch(self, values: Sequence[bytes]) -> list[str | None]:
        """Open sealed values, in order; None for those whose key was destroyed. Raises BrokenSeal."""
        seals = [Seal.read(each) for each in values]
        ids = [each.key_id for each in seals]
        keys = self._store.keys_of(set(ids))
        ciphers = {key_id: AESGCMSIV(key) for key_id, key in keys.items() if key is not None}
        return [
            None if (cipher := ciphers.get(key_id)) is None else _open(each, cipher)
            for key_id, each in zip(ids, seals, strict=True)
        ]

    def times_destroyed(self) -> int:
        """Return how often keys were destroyed: what was opened before may be closed now."""
        return self._store.times_destroyed()

    def find_hash(self, text: str) -> bytes:
        """Return the keyed hash by which equal findable values are found; case and width do not matter."""
        return hmac.digest(self._find_secret, _folded(text).encode(), "sha256")[:HASH_BYTES]

    def hash_document(self, text: str) -> str:
        """Return the keyed hash, in hexadecimal, that replaces a document's number in tags."""
        digest = hmac.digest(self._document_secret, _folded(text).encode(), "sha256")
        return digest.hex()[:DOCUMENT_HASH_DIGITS]


def _open(seal: Seal, cipher: AESGCMSIV) -> str:
    try:
        return cipher.decrypt(seal.nonce, seal.ciphertext, seal.head).decode()
    except InvalidTag as error:
        raise BrokenSeal("a sealed value was changed") from error


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
