"""Spellings that people take for the same name are found as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.keys.folding import folded


@pytest.mark.parametrize(
    "spelt",
    [
        *(f"买买提{dot}艾山" for dot in "·•‧・･⸱∙⋅.．·"),
        "买买提 · 艾山",
        "\ufeff买买提·艾山",
        "买买提·艾山\u200b",
        "\u202a买买提·艾山\u202c",
        "买\ufe00买提·艾\U000e0100山",
        "买买提\u3000·\u00a0艾山\n",
    ],
)
def test_a_name_is_found_however_it_is_spelt(spelt: str) -> None:
    assert folded(spelt) == folded("买买提·艾山")


@pytest.mark.parametrize(
    "one, other",
    [
        ("张　三", "张三"),
        ("Ｗang  XIAOMING", "wang xiaoming"),
        ("O’Neill", "o'neill"),
        ("Jean‐Luc", "jean-luc"),
        ("Straße", "STRASSE"),
        ("\uf900", "豈"),
    ],
)
def test_width_case_and_spaces_do_not_matter(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    "one, other", [("王小明", "王晓明"), ("买买提·艾山", "买买提艾山"), ("李雷", "李蕾")]
)
def test_other_names_stay_others(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)
