"""The sealer: personal data into sealed bytes and back (docs/decisions/0003-sealing.md)."""

from __future__ import annotations

import hmac
import threading
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b, sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from msgspec import Struct

from adapters.keys.data_keys import DataKeys
from adapters.keys.folding import VERSION, folded
from adapters.keys.seal import NONCE_BYTES, BrokenSeal, Seal, head
from adapters.keys.secrets import Secrets
from events.erasing import Pair
from streams.finding.name_index import FoundBy
from streams.publish.new_keys import StoredKeys
from streams.publish.unstored import DataKey

DOCUMENT_HASH_DIGITS = 32
"""Hexadecimal digits of a document's keyed hash: 128 bits, at which no two numbers meet by chance."""


FIND_HASH_BYTES = 16
"""Bytes of the keyed hash of a name in the name index: 128 bits, at which no two names meet by chance."""

UNKNOWN_KEY, BROKEN_SEAL = "unknown-key", "broken-seal"


class Clear(Struct, frozen=True, gc=False):
    """A value to be sealed: its person, its retention class and the event's field that it stands in."""

    person: str
    retention: str
    source: str
    id: str
    field: str
    text: str

    @property
    def pair(self) -> Pair:
        """Whose key seals it."""
        return self.person, self.retention


class Sealer:
    """Seals and opens personal data with `keys`, in batches. Any thread may use it."""

    def __init__(self, keys: DataKeys, secrets: Secrets) -> None:
        self.keys = keys
        self._find_secret = secrets.get_or_make(f"find {VERSION}")
        self._document_secret = secrets.get_or_make("document")
        self._unopened = Counter[str]()
        self._lock = threading.Lock()

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
        return [None if (found := ciphers.get(each.pair)) is None else _seal(each, *found) for each in values]

    def open_batch(self, values: Sequence[bytes]) -> list[str | None]:
        """Open sealed values, in order; None for those whose key is destroyed, and those that `unopened` counts."""
        seals = [_read(each) for each in values]
        keys = self.keys.get({each.key_id for each in seals if each})
        ciphers = {key_id: AESGCMSIV(key) for key_id, key in keys.items() if key is not None}
        return [self._open(each, keys, ciphers) for each in seals]

    def _open(
        self, seal: Seal | None, keys: Mapping[int, bytes | None], ciphers: Mapping[int, AESGCMSIV]
    ) -> str | None:
        if seal is not None and keys.get(seal.key_id, b"") is None:
            return None
        if seal is not None and (cipher := ciphers.get(seal.key_id)) is not None:
            text = _opened(seal, cipher)
        else:
            text = None
        if text is None:
            self._count(UNKNOWN_KEY if seal is not None and seal.key_id not in keys else BROKEN_SEAL)
        return text

    def _count(self, reason: str) -> None:
        with self._lock:
            self._unopened[reason] += 1

    def unopened(self) -> Mapping[str, int]:
        """Return how many values could not be opened since the start, by reason; erased ones do not count."""
        with self._lock:
            return dict(self._unopened)

    def destructions(self) -> int:
        """Return a number that rises whenever keys are destroyed: what could be opened before may be erased."""
        return self.keys.destructions()

    def destroyed_keys(self) -> Collection[int]:
        """Return the ids of all destroyed keys."""
        return self.keys.destroyed_ids()

    def find_hash(self, text: str) -> bytes:
        """Return the keyed hash by which equal findable values are found, however they are spelt (`folding.py`)."""
        return hmac.digest(self._find_secret, folded(text).encode(), "sha256")[:FIND_HASH_BYTES]

    def finding_version(self) -> str:
        """Return what the hashes depend on besides the text."""
        return f"{VERSION} {sha256(b'pujiang find' + self._find_secret).hexdigest()[:16]}"

    def found_by(self, values: Sequence[bytes]) -> list[FoundBy]:
        """Return those values that can be opened, with the hashes of their texts and the ids of their keys."""
        return [
            FoundBy(self.find_hash(text), value, Seal.read(value).key_id)
            for value, text in zip(values, self.open_batch(values), strict=True)
            if text is not None
        ]

    def hash_document(self, text: str) -> str:
        """Return the keyed hash, in hexadecimal, that replaces a document's number in tags."""
        digest = hmac.digest(self._document_secret, _normal(text).encode(), "sha256")
        return digest.hex()[:DOCUMENT_HASH_DIGITS]


def _seal(value: Clear, key_id: int, cipher: AESGCMSIV) -> bytes:
    first = head(key_id)
    place = f"{value.source}\0{value.id}\0{value.field}".encode()
    nonce = blake2b(place, digest_size=NONCE_BYTES).digest()
    return bytes(Seal(first, nonce, cipher.encrypt(nonce, value.text.encode(), first)))


def _read(sealed: bytes) -> Seal | None:
    try:
        return Seal.read(sealed)
    except BrokenSeal:
        return None


def _opened(seal: Seal, cipher: AESGCMSIV) -> str | None:
    """Return the text of a seal, None if it was changed."""
    try:
        return cipher.decrypt(seal.nonce, seal.ciphertext, seal.head).decode()
    except InvalidTag:
        return None


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
