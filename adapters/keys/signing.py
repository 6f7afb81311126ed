"""The keys that checkpoints are signed with: Ed25519, made of secrets of the key store at their first use."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.keys.store import KeyStore
from streams.tree.verifier import COSIGNATURE, ED25519, Key, Signature

_LOG_KEY = re.compile(r"log key (\d+) (.+)")
HANDOVER = 2
"""So many keys of a log sign: the newest, and the one before it for those who know only that."""


class Signer:
    """Signs notes with one key."""

    def __init__(self, name: str, kind: int, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = Key.of(name, kind, self._private.public_key().public_bytes_raw())

    def sign(self, text: str, seconds: int = 0) -> Signature:
        """Sign a note's text; a witness also says when, in seconds since 1970 UTC."""
        time = seconds.to_bytes(8, "big") if self.key.kind == COSIGNATURE else b""
        _, message = self.key.message(text, time)
        return Signature(self.key.name, self.key.id, time + self._private.sign(message))


class SigningKeys:
    """The signing keys of a key store."""

    def __init__(self, store: KeyStore) -> None:
        self.store = store

    def of_log(self, origin: str) -> list[Signer]:
        """Return the keys that a log has had, the oldest first; the first is made when it is first asked for."""
        count = max([1, *(number for number, each in self._log_keys() if each == origin)])
        return [self._of_log(number, origin) for number in range(1, count + 1)]

    def signing(self, origin: str) -> list[Signer]:
        """Return the keys that sign a log's checkpoints now."""
        return self.of_log(origin)[-HANDOVER:]

    def rotate(self, origin: str) -> Signer:
        """Make a log a new key, and return it; those before it stay, for what they have signed."""
        return self._of_log(len(self.of_log(origin)) + 1, origin)

    def witness(self, name: str) -> Signer:
        """Return the key that cosigns other logs' checkpoints."""
        return Signer(name, COSIGNATURE, self.store.secret(f"witness key {name}"))

    def of_logs(self) -> Sequence[Key]:
        """Return the verifier keys of all logs that were ever signed for, also under other ids."""
        return [self._of_log(number, origin).key for number, origin in self._log_keys()]

    def _log_keys(self) -> list[tuple[int, str]]:
        found = map(_LOG_KEY.fullmatch, self.store.secrets())
        return [(int(each[1]), each[2]) for each in found if each]

    def _of_log(self, number: int, origin: str) -> Signer:
        return Signer(origin, ED25519, self.store.secret(f"log key {number} {origin}"))
