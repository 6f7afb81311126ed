"""National identity numbers are found inside texts, however they are written, and little else is taken for one."""

from __future__ import annotations

import uuid
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn.ric import calc_check_digit

from events.identity_number import modern, reveals_identity

NUMBER, OLD = "11010519491231002X", "110105491231002"

WRITTEN = (
    NUMBER,
    NUMBER.lower(),
    f"{NUMBER}\n",
    f"id{NUMBER}",
    f"G{NUMBER}",
    f"urn:person:{NUMBER}:1",
    f"0{NUMBER}9",
    "110105-19491231-002X",
    "110105 1949 1231 002 X",
    "1.1.0.1.0.5.1.9.4.9.1.2.3.1.0.0.2.X",
    "１１０１０５１９４９１２３１００２Ｘ",
    "١١٠١٠٥١٩٤٩١٢٣١٠٠٢X",
    f"身份证{NUMBER}号",
    "110105\u200b19491231\u200b002X",
    "110105194912310029"[:17] + "X",
    OLD,
    f"G{OLD}",
    f"p-{OLD}",
    "110105-491231-002",
    f"身份证号{OLD}。",
)


@pytest.mark.parametrize("text", WRITTEN)
def test_an_identity_number_is_found_however_it_is_written(text: str) -> None:
    assert reveals_identity(text)


OTHERS = (
    "",
    "7f3a9c",
    "110105194912310025",  # another check digit
    "110105194913310024",  # no such month
    "11010519491231002",  # a digit short
    "990105194912310024",  # no such province
    "2024-09-01T08:00:00.123456",
    "20240901080000123",
    "1725148800000000",
    "1101051949年12月31日0024",
    "person-110105a491231b002",
    "0110105491231002",  # sixteen digits
    "310115-240901-001",  # a district and a day of our time
    "550e8400-e29b-41d4-a716-446655440000",
    "13800138000, 13900139000",
)


@pytest.mark.parametrize("text", OTHERS)
def test_other_numbers_are_none(text: str) -> None:
    assert not reveals_identity(text)


def test_hardly_a_random_number_is_taken_for_one() -> None:
    chance = Random(1)
    made = [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(20_000)]
    made += [f"{chance.getrandbits(64):016x}" for _ in range(20_000)]
    assert sum(map(reveals_identity, made)) == 0
    assert sum(reveals_identity(f"{chance.randrange(10**18):018}") for _ in range(40_000)) < 5


@given(
    st.text(alphabet="abcXYZ-_.: 学", max_size=20),
    st.text(alphabet="abcYZ-_.: 学", max_size=20),
    st.text(" .-_:/", max_size=2),
)
def test_what_stands_around_and_between_does_not_matter(before: str, after: str, between: str) -> None:
    assert reveals_identity(before + between.join(NUMBER) + after)


@given(st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_no_number(place: int, digit: str) -> None:
    changed = NUMBER[:place] + digit + NUMBER[place + 1 :]
    assert reveals_identity(changed) == (changed == NUMBER)


def test_the_old_form_has_a_modern_one() -> None:
    assert modern(OLD) == modern(NUMBER.lower()) == NUMBER
    assert calc_check_digit(NUMBER) == "X"
    assert modern("110105194912310025") is modern("E12345678") is modern("") is None
