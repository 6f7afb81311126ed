"""The salt of entries: whoever has only their hashes cannot confirm a guess of what they say."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from adapters.keys.secrets import Secrets
from events.entry import SALT_BYTES, canonical_identity

_NAME = "salt"


def salt_of(secret: bytes) -> Callable[[str, str], bytes]:
    """Return the function from source and id of an event to its salt: BLAKE2b-16 keyed with the secret (RFC 7693).

    The same event always has the same salt, so that a repeat has the same bytes.
    """

    def salt(source: str, identity: str) -> bytes:
        return blake2b(canonical_identity(source, identity), key=secret, digest_size=SALT_BYTES).digest()

    return salt


def salt_secret(secrets: Secrets) -> bytes:
    """Return the secret of all salts, which is made at its first use."""
    return secrets.get_or_make(_NAME)
