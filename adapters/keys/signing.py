"""The keys that sign checkpoints: Ed25519, each made of a secret at its first use."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.keys.secrets import Secrets
from streams.tree.verifier import COSIGNATURE, ED25519, Key, Signature

_LOG_KEY = re.compile(r"log key ([0-9]+) (.+)")
HANDOVER = 2
"""How many keys sign a checkpoint: the newest, and the one before it for auditors who do not know the newest yet."""


class Signer:
    """Signs notes with one key."""

    def __init__(self, name: str, kind: int, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = Key.of(name, kind, self._private.public_key().public_bytes_raw())

    def sign(self, text: str, seconds: int = 0) -> Signature:
        """Sign a note's text; a witness also states the time, in seconds since 1970 UTC."""
        time = seconds.to_bytes(8, "big") if self.key.kind == COSIGNATURE else b""
        _, message = self.key.message(text, time)
        return Signature(self.key.name, self.key.id, time + self._private.sign(message))


class SigningKeys:
    """The signing keys of logs and witnesses."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def of_log(self, origin: str) -> list[Signer]:
        """Return all keys that a log has had, the oldest first; if there is none, the first is made."""
        count = max([1, *(number for number, each in self._log_keys() if each == origin)])
        return [self._of_log(number, origin) for number in range(1, count + 1)]

    def signing(self, origin: str) -> list[Signer]:
        """Return the keys that sign a log's checkpoints at present."""
        return self.of_log(origin)[-HANDOVER:]

    def rotate(self, origin: str) -> Signer:
        """Make a new key for a log and return it; earlier keys stay, to verify what they have signed."""
        return self._of_log(len(self.of_log(origin)) + 1, origin)

    def witness(self, name: str) -> Signer:
        """Return the key that cosigns the checkpoints of other logs under this name."""
        return Signer(name, COSIGNATURE, self._secrets.get_or_make(f"witness key {name}"))

    def of_logs(self) -> Sequence[Key]:
        """Return the verifier keys of all logs that this key store has signed for, former ids included."""
        return [self._of_log(number, origin).key for number, origin in self._log_keys()]

    def _log_keys(self) -> list[tuple[int, str]]:
        found = map(_LOG_KEY.fullmatch, self._secrets.names())
        return [(int(each[1]), each[2]) for each in found if each]

    def _of_log(self, number: int, origin: str) -> Signer:
        return Signer(origin, ED25519, self._secrets.get_or_make(f"log key {number} {origin}"))
