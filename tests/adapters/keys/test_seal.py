"""The layout of a sealed value: the log keeps it for good, so it is spelled out here once more."""

import pytest

from adapters.keys.seal import HASH_IN_SQL, BrokenSeal, Seal, head

NONCE, REST = b"nonce-12----", b"ciphertext and its tag"
BYTES = b"\x01" + b"\0\0\0\0\0\0\1\2" + b"8 of HMA" + NONCE + REST


def test_the_parts_stand_where_they_always_stood() -> None:
    seal = Seal(head(258, b"8 of HMA"), NONCE, REST)
    assert bytes(seal) == BYTES
    assert Seal.read(BYTES) == seal
    assert (seal.key_id, seal.find_hash) == (258, b"8 of HMA")


def test_zeros_stand_for_no_hash() -> None:
    assert head(1, None)[9:] == bytes(8)
    assert Seal(head(1, None), NONCE, REST).find_hash is None


def test_the_indexes_of_read_models_are_over_this_expression() -> None:
    assert HASH_IN_SQL.format('"name"') == 'substring("name" FROM 10 FOR 8)'


@pytest.mark.parametrize("value", [b"", b"\x01", BYTES[:44], b"\x02" + BYTES[1:]])
def test_what_is_too_short_or_of_another_version_is_no_seal(value: bytes) -> None:
    with pytest.raises(BrokenSeal):
        Seal.read(value)
