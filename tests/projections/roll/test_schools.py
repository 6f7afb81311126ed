"""The school database, and pupils and posts left at schools that have ended."""

from __future__ import annotations

from msgspec.structs import replace

from events.roll.schools import SchoolDetailsChanged, SchoolsMerged
from projections.roll.schools import RollDiscrepancy, School
from streams.scenario import at, given
from tests.contexts.roll import (
    ABROAD,
    APPOINTED,
    CLOSED,
    ENROLLED,
    GRADUATED,
    MERGED,
    MOVED,
    TEACHER_LEFT,
    TEACHER_MOVED,
    WITHDRAWN,
    A,
)

RENAMED = SchoolDetailsChanged(school="a", name="甲实验小学", occurred_at=at("2001-01-01"))


def test_schools_follow_their_life() -> None:
    assert given(A, RENAMED).row("schools", "a") == School("a", "甲实验小学", "d", ["primary"], "open")
    assert given(A, MERGED).row("schools", "a") == School("a", "甲小学", "d", ["primary"], "merged", "b")
    assert given(A, CLOSED).row("schools", "a").status == "closed"
    other_stages = SchoolDetailsChanged(school="a", stages=["special"], occurred_at=at("2001-01-01"))
    assert given(A, other_stages).row("schools", "a").stages == ["special"]
    assert given(replace(A, school="b"), MERGED).row("schools", "b").status == "open"


def test_a_merged_school_keeps_its_row_which_names_the_last_survivor() -> None:
    again = SchoolsMerged(school="b", into="c", also=["a"], occurred_at=at("2022-07-01"))
    world = given(A, replace(A, school="b"), replace(A, school="c"), MERGED, again)
    assert world.row("schools", "a") == School("a", "甲小学", "d", ["primary"], "merged", "c")
    assert world.row("schools", "b").merged_into == "c"


def test_pupils_and_posts_are_stranded_at_a_closed_or_merged_school() -> None:
    open_ = given(A, ENROLLED, APPOINTED)
    assert open_.row("roll-discrepancies", "a") == RollDiscrepancy("a", pupils=1, posts=1)
    stranded = given(A, ENROLLED, APPOINTED, CLOSED).row("roll-discrepancies", "a")
    assert stranded == RollDiscrepancy("a", "closed", "2021-07-01", 1, 1, stranded=True)
    merged = given(A, ENROLLED, MERGED)
    assert merged.row("roll-discrepancies", "a").stranded
    assert merged.row("roll-discrepancies", "b") == RollDiscrepancy("b")
    settled = given(A, ENROLLED, APPOINTED, MERGED, MOVED, TEACHER_MOVED)
    assert settled.row("roll-discrepancies", "a") == RollDiscrepancy("a", "merged", "2021-07-01")
    assert settled.row("roll-discrepancies", "b") == RollDiscrepancy("b", pupils=1, posts=1)


def test_discrepancies_end_when_the_last_has_gone() -> None:
    for event in (WITHDRAWN, GRADUATED, ABROAD):
        assert not given(A, ENROLLED, CLOSED, event).row("roll-discrepancies", "a").stranded
    left = replace(TEACHER_LEFT, school="a", district="d")
    assert not given(A, APPOINTED, CLOSED, left).row("roll-discrepancies", "a").stranded
