"""The salt of entries: whoever has only their hashes cannot confirm a guess of what they say."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from adapters.keys.secrets import Secrets
from events.entry import SALT_BYTES, canonical_identity

_NAME = "salt"


def salt_of(secret: bytes) -> Callable[[str, str], bytes]:
    """Return the function from source and id of an event to its salt: HMAC-SHA256, of which 16 bytes are kept.

    The same event always has the same salt, so that a repeat has the same bytes.
    """

    def salt(source: str, identity: str) -> bytes:
        return hmac.digest(secret, canonical_identity(source, identity), "sha256")[:SALT_BYTES]

    return salt


def salt_secret(secrets: Secrets) -> bytes:
    """Return the secret of all salts, which is made at its first use."""
    return secrets.get_or_make(_NAME)
