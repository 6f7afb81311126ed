"""The layout of a sealed value, which nothing else in the tree knows (docs/decisions/0003-sealing.md).

offset  length  field
0       1       version, 2
1       8       key id, big-endian
9       12      nonce, from (source, id, field)
21      rest    AES-256-GCM-SIV ciphertext and tag; the first 9 bytes are authenticated with it
"""

from __future__ import annotations

import struct

from msgspec import Struct

NONCE_BYTES = 12

_VERSION = 2
_HEAD = struct.Struct(">BQ")
_NONCE = slice(_HEAD.size, _HEAD.size + NONCE_BYTES)
_TAG_BYTES = 16


class BrokenSeal(ValueError):
    """A sealed value is truncated or was changed, or the bytes are not a sealed value."""


class Seal(Struct, frozen=True, gc=False):
    """A sealed value in its parts; `head` is authenticated with the ciphertext."""

    head: bytes
    nonce: bytes
    ciphertext: bytes

    @classmethod
    def read(cls, sealed: bytes) -> Seal:
        """Read a sealed value. Raises BrokenSeal if it is too short or of another version."""
        if len(sealed) < _NONCE.stop + _TAG_BYTES or sealed[0] != _VERSION:
            raise BrokenSeal("the bytes are not a sealed value")
        return cls(sealed[: _HEAD.size], sealed[_NONCE], sealed[_NONCE.stop :])

    def __bytes__(self) -> bytes:
        return self.head + self.nonce + self.ciphertext

    @property
    def key_id(self) -> int:
        """The id of the key that opens it."""
        _, number = _HEAD.unpack(self.head)
        return int(number)


def head(key_id: int) -> bytes:
    """Return the first part of a sealed value."""
    return _HEAD.pack(_VERSION, key_id)
