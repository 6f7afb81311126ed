"""The layout of a sealed value: the log keeps it for good, so it is spelled out here once more."""

import pytest

from adapters.keys.seal import BrokenSeal, Seal, head

NONCE, REST = b"nonce-12----", b"ciphertext and its tag"
BYTES = b"\x02" + b"\0\0\0\0\0\0\1\2" + NONCE + REST


def test_the_parts_stand_where_they_always_stood() -> None:
    seal = Seal(head(258), NONCE, REST)
    assert bytes(seal) == BYTES
    assert Seal.read(BYTES) == seal
    assert seal.key_id == 258


@pytest.mark.parametrize("value", [b"", b"\x02", BYTES[:36], b"\x01" + BYTES[1:]])
def test_what_is_too_short_or_of_another_version_is_no_seal(value: bytes) -> None:
    with pytest.raises(BrokenSeal):
        Seal.read(value)
