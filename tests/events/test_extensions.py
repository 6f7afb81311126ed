"""Extensions come back as they were packed, and bytes have one form only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.extensions import KEPT, LONGEST_VALUE, MAX_BYTES, pack, unpack


@given(st.binary(max_size=60))
def test_noise_is_read_in_one_form_or_refused(noise: bytes) -> None:
    try:
        found = unpack(noise)
    except ValueError:
        return
    assert pack(found) == noise


def test_all_that_are_kept_fit_in_at_their_longest() -> None:
    longest = tuple((name, "x" * LONGEST_VALUE) for name in KEPT)
    assert unpack(pack(longest)) == longest
    assert len(pack(longest)) <= MAX_BYTES


@pytest.mark.parametrize(
    "wrong", [[("b", "1"), ("a", "1")], [("a", "1"), ("a", "2")], [("a", "x" * 256)], [("ä", "1")]]
)
def test_what_has_no_form_is_refused(wrong: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"order|255|ascii"):
        pack(wrong)


def test_more_than_the_most_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 1024"):
        pack([(f"a{number}", "x" * LONGEST_VALUE) for number in range(5)])
