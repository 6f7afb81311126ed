"""The sealer: personal data into sealed bytes and back (docs/decisions/0003-sealing.md)."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from msgspec import Struct

from adapters.keys.data_keys import DataKeys
from adapters.keys.seal import HASH_BYTES, NONCE_BYTES, BrokenSeal, Seal, head
from adapters.keys.secrets import Secrets
from events.erasing import Pair
from streams.publish.new_keys import StoredKeys
from streams.publish.unstored import DataKey

DOCUMENT_HASH_DIGITS = 32
"""Hexadecimal digits of a document's keyed hash: 128 bits, at which no two numbers meet by chance."""


class Clear(Struct, frozen=True, gc=False):
    """A value to be sealed: its person, its retention class and the event's field that it stands in."""

    person: str
    retention: str
    source: str
    id: str
    field: str
    text: str
    findable: bool = False

    @property
    def pair(self) -> Pair:
        """Whose key seals it."""
        return self.person, self.retention


class Sealer:
    """Seals and opens personal data with `keys`, in batches. Any thread may use it."""

    def __init__(self, keys: DataKeys, secrets: Secrets) -> None:
        self.keys = keys
        self._find_secret = secrets.get_or_make("find")
        self._document_secret = secrets.get_or_make("document")

    def seal_batch(self, values: Sequence[Clear]) -> list[bytes | None]:
        """Seal values, in order; None for those whose key is destroyed. Equal input gives equal bytes."""
        return self.seal_with(self.keys.get_or_make(each.pair for each in values), values)

    def draft_batch(self, values: Sequence[Clear]) -> tuple[list[bytes | None], Mapping[Pair, DataKey]]:
        """Seal values like `seal_batch`; keys that are new are returned, and not stored."""
        stored, new = self.keys.get_or_draft(each.pair for each in values)
        return self.seal_with({**stored, **new}, values), new

    def seal_with(self, keys: StoredKeys, values: Sequence[Clear]) -> list[bytes | None]:
        """Seal values with these keys."""
        ciphers = {pair: (key.id, AESGCMSIV(key.key)) for pair, key in keys.items() if key is not None}
        return [
            None if (found := ciphers.get(each.pair)) is None else self._seal(each, *found) for each in values
        ]

    def _seal(self, value: Clear, key_id: int, cipher: AESGCMSIV) -> bytes:
        first = head(key_id, self.find_hash(value.text) if value.findable else None)
        place = f"{value.source}\0{value.id}\0{value.field}".encode()
        nonce = blake2b(place, digest_size=NONCE_BYTES).digest()
        return bytes(Seal(first, nonce, cipher.encrypt(nonce, value.text.encode(), first)))

    def open_batch(self, values: Sequence[bytes]) -> list[str | None]:
        """Open sealed values, in order; None for those whose key is destroyed. Raises BrokenSeal."""
        seals = [Seal.read(each) for each in values]
        ids = [each.key_id for each in seals]
        keys = self.keys.get(set(ids))
        ciphers = {key_id: AESGCMSIV(key) for key_id, key in keys.items() if key is not None}
        return [
            None if (cipher := ciphers.get(key_id)) is None else _open(each, cipher)
            for key_id, each in zip(ids, seals, strict=True)
        ]

    def destructions(self) -> int:
        """Return a number that rises whenever keys are destroyed: what could be opened before may be erased."""
        return self.keys.destructions()

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
