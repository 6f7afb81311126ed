"""Once a school year, one stage after the other, at the right age: what a pupil's years are made of."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.persons import PersonRegistered
from events.roll.published import EntryAge, RollRulesPublished, StageTerms
from events.roll.pupils import StudentEnrolled, StudentGraduated, StudentLeft, StudentPromoted
from events.roll.schools import SchoolRegistered
from events.roll.vocabulary import Stage
from streams.scenario import at
from tests.contexts.persons import registered
from tests.contexts.roll import ACCELERATED, ENROLLED, ON_LEAVE, PROMOTED, RETAINED
from tests.logs.publishing import Town

STAGES = [
    StageTerms("kindergarten", 1, 3, compulsory=False),
    StageTerms("primary", 1, 5, compulsory=True),
    StageTerms("lower-secondary", 6, 9, compulsory=True),
    StageTerms("upper-secondary", 10, 12, compulsory=False),
    StageTerms("vocational", 10, 12, compulsory=False),
]
RULES = RollRulesPublished(
    since="2000-01-01",
    stages=STAGES,
    consent_working_days=10,
    leave_days=365,
    entry_age=[EntryAge("primary", 6)],
    occurred_at=at("2000-01-01"),
)
SCHOOL = SchoolRegistered("a", "甲学校", "d", [each.stage for each in STAGES], occurred_at=at("2000-01-02"))
CITY: tuple[Event, ...] = (RULES, *registered("p", "q"), SCHOOL)


def promoted(grade: int, day: str, person: str = "p") -> StudentPromoted:
    return replace(PROMOTED, person=person, from_grade=grade, to_grade=grade + 1, occurred_at=at(day))


def enrolled(stage: Stage, grade: int, day: str) -> StudentEnrolled:
    return replace(ENROLLED, stage=stage, grade=grade, occurred_at=at(day))


def graduated(stage: Stage, grade: int, day: str, **more: str) -> StudentGraduated:
    return StudentGraduated("p", "a", "d", stage, grade, occurred_at=at(day), **more)  # type: ignore[arg-type]


def test_a_pupil_is_promoted_once_a_school_year() -> None:
    town = Town(*CITY, ENROLLED)
    assert town.codes(promoted(1, "2021-08-31"), promoted(2, "2021-08-31")) == ["", "moved-this-year"]
    assert town.codes(promoted(2, "2021-09-01"), promoted(3, "2022-08-31")) == ["", "moved-this-year"]
    assert town.codes(promoted(3, "2022-09-01")) == [""]


@pytest.mark.parametrize("second", [PROMOTED, RETAINED, ACCELERATED])
@pytest.mark.parametrize("first", [RETAINED, ACCELERATED])
def test_a_retention_and_an_acceleration_are_the_years_one_step(first: Event, second: Event) -> None:
    town = Town(*CITY, ENROLLED)
    grade = 3 if first is ACCELERATED else 1
    follows = replace(second, occurred_at=at("2022-03-01"))
    if second is RETAINED:
        follows = replace(follows, grade=grade)
    else:
        follows = replace(follows, from_grade=grade, to_grade=grade + (2 if second is ACCELERATED else 1))
    assert town.codes(first, follows) == ["", "moved-this-year"]
    assert town.codes(replace(follows, occurred_at=at("2022-09-01"))) == [""]


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((), replace(ACCELERATED, to_grade=2), "no-grade-skipped"),
        ((), replace(ACCELERATED, to_grade=6), "grade-outside-stage"),
        ((), replace(ACCELERATED, from_grade=2, to_grade=4), "other-grade"),
        ((), replace(ACCELERATED, school="b"), "on-another-roll"),
        ((ON_LEAVE,), ACCELERATED, "on-leave"),
        ((), replace(RETAINED, grade=2), "other-grade"),
        ((), replace(RETAINED, district="e"), "other-district"),
        ((), replace(RETAINED, person="q"), "not-on-a-roll"),
    ],
)
def test_grades_are_repeated_and_skipped_within_the_stage(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    assert Town(*CITY, ENROLLED, *history).codes(proposed) == [code]


def test_rules_that_name_a_gate_begin_on_it() -> None:
    gated = replace(RULES, gate="2023-01-01")
    town = Town(gated, *CITY[1:], ENROLLED)
    assert town.codes(*(promoted(grade, "2022-10-08") for grade in (1, 2, 3))) == ["", "", ""]
    assert town.codes(promoted(4, "2023-01-01")) == ["moved-this-year"]
    assert town.codes(promoted(4, "2023-09-01")) == [""]


def test_a_school_year_begins_when_the_rules_say() -> None:
    spring = replace(RULES, school_year_starts="03-01")
    town = Town(spring, *CITY[1:], ENROLLED)
    assert town.codes(promoted(1, "2021-02-28"), promoted(2, "2021-03-01")) == ["", ""]
    assert Town().codes(replace(RULES, school_year_starts="02-29")) == ["no-such-day"]
    assert Town().codes(replace(RULES, school_year_starts="9-1")) == ["no-such-day"]


def test_a_stage_that_was_completed_is_not_begun_again_nor_one_before_it() -> None:
    town = Town(*CITY, enrolled("lower-secondary", 9, "2020-09-01"))
    assert town.codes(graduated("lower-secondary", 9, "2021-06-30")) == [""]
    assert (
        town.codes(
            enrolled("lower-secondary", 6, "2021-09-01"),
            enrolled("primary", 1, "2021-09-01"),
            enrolled("kindergarten", 1, "2021-09-01"),
        )
        == ["stage-completed"] * 3
    )
    assert town.codes(enrolled("vocational", 10, "2021-09-01")) == [""]
    assert town.codes(graduated("vocational", 12, "2021-09-02")) == ["other-grade"]


def test_two_stages_side_by_side_may_both_be_completed() -> None:
    town = Town(*CITY, enrolled("upper-secondary", 12, "2020-09-01"))
    assert town.codes(graduated("upper-secondary", 12, "2021-06-30")) == [""]
    assert town.codes(enrolled("vocational", 10, "2021-09-01")) == [""]


def test_a_pupil_begins_a_stage_at_its_age() -> None:
    born = PersonRegistered(person="young", name=b"sealed", birth_year=2016, occurred_at=at("2020-01-01"))
    town = Town(*CITY, born)
    child = replace(ENROLLED, person="young")
    assert town.codes(replace(child, occurred_at=at("2021-09-01"))) == ["too-young"]
    assert town.codes(replace(child, occurred_at=at("2022-09-01"))) == [""]
    assert town.codes(ENROLLED) == [""]  # whose year of birth nobody knows


def test_an_age_is_published_for_a_stage_of_the_table() -> None:
    assert Town().codes(replace(RULES, entry_age=[EntryAge("higher", 17)])) == ["no-such-stage"]


def test_a_diploma_number_is_given_once() -> None:
    town = Town(*CITY, enrolled("primary", 5, "2020-09-01"))
    assert town.codes(graduated("primary", 5, "2021-06-30", diploma="D-1")) == [""]
    assert town.codes(enrolled("lower-secondary", 9, "2021-09-01")) == [""]
    assert town.codes(graduated("lower-secondary", 9, "2022-06-30", diploma="D-1")) == ["diploma-known"]
    assert town.codes(graduated("lower-secondary", 9, "2022-06-30")) == [""]


def test_nobody_enrols_after_death() -> None:
    died = StudentLeft("p", "a", "d", "primary", 1, "death", occurred_at=at("2021-01-01"))
    town = Town(*CITY, ENROLLED, died)
    assert town.codes(enrolled("primary", 1, "2021-09-01")) == ["person-died"]
