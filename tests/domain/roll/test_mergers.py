"""Mergers and closures: nobody is left behind, and whoever was left before can follow."""

from __future__ import annotations

from msgspec.structs import replace

from events.event import Event
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.schools import SchoolClosed, SchoolRegistered, SchoolsMerged
from events.roll.transfers import StudentTransferred
from streams.scenario import at, given
from tests.contexts.persons import registered
from tests.contexts.roll import ABROAD, APPOINTED, BACK, ENROLLED, ON_LEAVE, TEACHER_LEFT
from tests.logs.publishing import Town

RULES = RollRulesPublished(
    since="2000-01-01",
    stages=[
        StageTerms("primary", 1, 5, compulsory=True),
        StageTerms("lower-secondary", 6, 9, compulsory=True),
    ],
    consent_working_days=10,
    leave_days=365,
    occurred_at=at("2000-01-01"),
)


def school(number: str, *stages: str) -> SchoolRegistered:
    return SchoolRegistered(
        number,
        number,
        "d",
        list(stages or ("primary",)),  # type: ignore[arg-type]
        occurred_at=at("2000-01-02"),
    )


CITY: tuple[Event, ...] = (RULES, *registered("p", "t"), *(school(each) for each in "abc"))
A_INTO_B = SchoolsMerged("a", "b", occurred_at=at("2021-07-01"))
B_INTO_C = SchoolsMerged("b", "c", ["a"], occurred_at=at("2022-07-01"))
CLOSED = SchoolClosed("a", "撤并", occurred_at=at("2021-07-01"))


def moved(start: str, end: str, day: str) -> StudentTransferred:
    return StudentTransferred("p", start, end, "d", "d", "primary", 1, occurred_at=at(day))


def test_pupils_follow_a_school_that_merged_twice() -> None:
    town = Town(*CITY, ENROLLED)
    assert town.codes(A_INTO_B) == [""]
    assert town.codes(replace(B_INTO_C, also=[])) == ["also-differs"]
    assert town.codes(replace(B_INTO_C, also=["a", "a"])) == ["also-differs"]
    assert town.codes(replace(B_INTO_C, also=["a", "x"])) == ["also-differs"]
    assert town.codes(B_INTO_C) == [""]
    assert town.codes(moved("a", "b", "2022-07-02")) == ["no-request"]
    assert town.codes(moved("a", "c", "2022-07-02")) == [""]


def test_the_rows_say_where_a_school_that_merged_twice_has_gone() -> None:
    history = given(*CITY, A_INTO_B, B_INTO_C)
    assert [history.row("schools", each).merged_into for each in "abc"] == ["c", "c", None]


def test_a_merger_names_no_school_that_never_merged() -> None:
    assert Town(*CITY).codes(replace(A_INTO_B, also=["c"])) == ["also-differs"]


def test_the_surviving_school_teaches_every_stage_of_the_other() -> None:
    town = Town(*CITY[:-3], school("a", "primary", "lower-secondary"), *CITY[-2:])
    assert town.codes(A_INTO_B) == ["stage-not-taught"]
    town = Town(*CITY[:-3], school("a"), school("b", "primary", "lower-secondary"))
    assert town.codes(A_INTO_B) == [""]


def test_pupils_on_leave_move_too_and_stay_on_leave() -> None:
    town = Town(*CITY, ENROLLED, ON_LEAVE)
    assert town.codes(A_INTO_B, moved("a", "b", "2021-07-02")) == ["", ""]
    assert town.codes(replace(BACK, school="b")) == [""]


def test_a_school_closes_when_everybody_has_gone() -> None:
    town = Town(*CITY, ENROLLED, APPOINTED)
    assert town.codes(CLOSED) == ["pupils-left"]
    assert town.codes(ABROAD, CLOSED) == ["", "pupils-left"]
    left = replace(TEACHER_LEFT, school="a", district="d", occurred_at=at("2021-06-30"))
    assert town.codes(left, CLOSED) == ["", ""]


def test_a_school_closes_after_its_people_have_moved() -> None:
    town = Town(*CITY, ENROLLED, A_INTO_B, moved("a", "b", "2021-07-02"))
    assert town.codes(SchoolClosed("b", "撤并", occurred_at=at("2023-07-01"))) == ["pupils-left"]
    assert town.codes(replace(B_INTO_C, also=["a"])) == [""]
