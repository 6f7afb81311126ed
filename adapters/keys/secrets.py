"""Secrets: random values of the whole city, by name; keyed hashes and signing keys are made of them."""

from __future__ import annotations

from adapters.keys.shelf import WrappedSecrets
from adapters.keys.wrap import KeyWrap, secret_purpose


class Secrets:
    """Gives out secrets. Any thread may use it."""

    def __init__(self, stored: WrappedSecrets, wrap: KeyWrap) -> None:
        self._stored, self._wrap = stored, wrap

    def get_or_make(self, name: str) -> bytes:
        """Return the secret of this name: 32 random bytes, made at its first use."""
        purpose = secret_purpose(name)
        wrapped = self._stored.get_or_make(name, lambda kek: self._wrap.new_key(purpose, kek))
        return self._wrap.unwrap(wrapped, purpose)

    def names(self) -> list[str]:
        """Return the names of all secrets, in order."""
        return [name for name, _ in self._stored.all()]
