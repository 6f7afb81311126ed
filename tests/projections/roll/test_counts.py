"""Daily changes of pupils and posts."""

from __future__ import annotations

from msgspec.structs import replace

from projections.roll.counts import HeadCount, PupilTeacherChange
from streams.scenario import at, given
from tests.contexts.roll import (
    APPOINTED,
    ENROLLED,
    GRADUATED,
    MOVED,
    PROMOTED,
    TEACHER_LEFT,
    TEACHER_MOVED,
    WITHDRAWN,
)


def test_head_counts_hold_the_changes_of_a_day() -> None:
    other = replace(ENROLLED, person="q")
    history = given(ENROLLED, other, MOVED, replace(PROMOTED, person="q"), replace(WITHDRAWN, person="q"))
    assert history.rows("head-counts") == [
        HeadCount("a", "d", "primary", 1, "2020-09-01", 2),
        HeadCount("a", "d", "primary", 1, "2021-03-01", -1),
        HeadCount("a", "d", "primary", 1, "2021-03-20", -1),
        HeadCount("a", "d", "primary", 1, "2021-09-01", -1),
        HeadCount("a", "d", "primary", 2, "2021-09-01", 1),
        HeadCount("b", "e", "primary", 1, "2021-03-20", 1),
    ]


def test_pupil_teacher_changes_hold_pupils_and_posts() -> None:
    history = given(
        replace(APPOINTED, occurred_at=at("2020-09-01")),
        ENROLLED,
        replace(ENROLLED, person="q"),
        MOVED,
        replace(TEACHER_MOVED, occurred_at=at("2021-03-20")),
        replace(TEACHER_LEFT, occurred_at=at("2022-07-01")),
        replace(GRADUATED, person="q"),
    )
    assert history.rows("pupil-teacher-changes") == [
        PupilTeacherChange("a", "d", "2020-09-01", pupils=2, posts=1),
        PupilTeacherChange("a", "d", "2021-03-20", pupils=-1, posts=-1),
        PupilTeacherChange("a", "d", "2021-06-30", pupils=-1),
        PupilTeacherChange("b", "e", "2021-03-20", pupils=1, posts=1),
        PupilTeacherChange("b", "e", "2022-07-01", posts=-1),
    ]
