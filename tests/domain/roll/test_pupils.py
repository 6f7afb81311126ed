import pytest
from msgspec.structs import replace

from events.event import Event
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import (
    StudentEnrolled,
    StudentGraduated,
    StudentLeaveStarted,
    StudentLeft,
    StudentWithdrawn,
)
from events.roll.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered, SchoolsMerged
from events.roll.transfers import StudentTransferred
from streams.scenario import at, chain, given
from tests.contexts.persons import registered
from tests.contexts.roll import ABROAD, BACK, PROMOTED, A

RULES = RollRulesPublished(
    since="2000-01-01",
    stages=[
        StageTerms("primary", 1, 5, compulsory=True),
        StageTerms("lower-secondary", 6, 9, compulsory=True),
        StageTerms("upper-secondary", 10, 12, compulsory=False),
    ],
    consent_working_days=10,
    leave_days=365,
    occurred_at=at("2000-01-01"),
)
B = SchoolRegistered(
    school="b",
    name="乙学校",
    district="e",
    stages=["primary", "lower-secondary", "upper-secondary"],
    occurred_at=at("2000-01-02"),
)
LONG_AGO = replace(A, occurred_at=at("1998-01-01"))
CITY = (RULES, *registered("p"), A, B)

INTO_A = StudentEnrolled(
    person="p", school="a", district="d", stage="primary", grade=1, occurred_at=at("2020-09-01")
)
INTO_B = StudentEnrolled(
    person="p", school="b", district="e", stage="upper-secondary", grade=10, occurred_at=at("2020-09-01")
)
ON_LEAVE = StudentLeaveStarted(
    person="p", school="a", until="2021-12-31", reason=b"sealed", occurred_at=at("2021-03-01")
)
WITHDRAWN = StudentWithdrawn(
    person="p",
    school="b",
    district="e",
    stage="upper-secondary",
    grade=10,
    reason=b"sealed",
    occurred_at=at("2021-03-01"),
)
GRADUATED = StudentGraduated(
    person="p", school="b", district="e", stage="upper-secondary", grade=12, occurred_at=at("2023-06-30")
)
GONE = StudentLeft(
    person="p",
    school="b",
    district="e",
    stage="upper-secondary",
    grade=10,
    reason="abroad",
    occurred_at=at("2021-03-01"),
)
CLOSED = SchoolClosed(school="a", reason="撤并", occurred_at=at("2020-01-01"))
MERGED = SchoolsMerged(school="a", into="b", occurred_at=at("2020-01-01"))


def test_a_pupil_passes_through_school() -> None:
    chain(
        *CITY,
        INTO_A,
        ON_LEAVE,
        BACK,
        *(
            replace(PROMOTED, from_grade=grade, to_grade=grade + 1, occurred_at=at(f"{2021 + grade}-09-01"))
            for grade in range(1, 5)
        ),
        StudentGraduated(
            person="p", school="a", district="d", stage="primary", grade=5, occurred_at=at("2026-06-30")
        ),
        replace(INTO_B, stage="lower-secondary", grade=6, occurred_at=at("2026-09-01")),
    )


def test_a_school_lives() -> None:
    chain(
        *CITY,
        SchoolDetailsChanged(school="a", name="甲实验小学", occurred_at=at("2001-01-01")),
        MERGED,
    )


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((), A, "school-registered"),
        ((), SchoolDetailsChanged(school="x", name="丙", occurred_at=at("2001-01-01")), "unknown-school"),
        (
            (CLOSED,),
            SchoolDetailsChanged(school="a", name="丙", occurred_at=at("2021-01-01")),
            "school-closed",
        ),
        ((CLOSED,), CLOSED, "school-closed"),
        ((MERGED,), CLOSED, "school-merged"),
        ((), replace(MERGED, into="a"), "merged-into-itself"),
        ((), replace(MERGED, into="x"), "unknown-school"),
        ((CLOSED,), replace(MERGED, school="b", into="a"), "school-closed"),
    ],
)
def test_a_school_that_has_ended_or_never_was_does_not_change(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*CITY, *history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((INTO_A,), replace(INTO_B, occurred_at=at("2021-09-01")), "already-on-a-roll"),
        ((), replace(INTO_A, school="x"), "unknown-school"),
        ((CLOSED,), INTO_A, "school-closed"),
        ((MERGED,), INTO_A, "school-merged"),
        ((), replace(INTO_A, district="e"), "other-district"),
        ((), replace(INTO_A, stage="upper-secondary", grade=10), "stage-not-taught"),
        ((), replace(INTO_A, grade=6), "grade-outside-stage"),
        (
            (SchoolDetailsChanged(school="a", stages=["vocational"], occurred_at=at("2001-01-01")),),
            replace(INTO_A, stage="vocational"),
            "no-such-stage",
        ),
        ((LONG_AGO,), replace(INTO_A, occurred_at=at("1999-09-01")), "no-roll-rules"),
    ],
)
def test_a_school_enrols_whom_it_may(history: tuple[Event, ...], proposed: Event, code: str) -> None:
    given(*CITY, *history).when(proposed).refused(code)


def test_one_person_one_entry() -> None:
    refused = given(*CITY, INTO_A).when(INTO_B).refused("already-on-a-roll", "roll.one_live_entry")
    assert "roll of a" in str(refused)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((), PROMOTED, "not-on-a-roll"),
        ((INTO_A,), replace(PROMOTED, school="b"), "on-another-roll"),
        ((INTO_A,), replace(PROMOTED, district="e"), "other-district"),
        ((INTO_A,), replace(PROMOTED, stage="lower-secondary"), "other-stage"),
        ((INTO_A,), replace(PROMOTED, from_grade=2, to_grade=3), "other-grade"),
        ((INTO_A,), replace(PROMOTED, to_grade=3), "not-one-grade"),
        ((INTO_A, ON_LEAVE), PROMOTED, "on-leave"),
        ((replace(INTO_A, grade=5),), replace(PROMOTED, from_grade=5, to_grade=6), "grade-outside-stage"),
    ],
)
def test_a_pupil_goes_up_one_grade_of_the_stage(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*CITY, *history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((INTO_A, ON_LEAVE), replace(ON_LEAVE, occurred_at=at("2021-04-01")), "on-leave"),
        ((INTO_A,), replace(ON_LEAVE, until="2022-03-02"), "leave-too-long"),
        ((INTO_A,), replace(ON_LEAVE, until="2021-03-01"), "leave-too-long"),
        ((INTO_A,), replace(ON_LEAVE, school="b"), "on-another-roll"),
        ((INTO_A,), BACK, "not-on-leave"),
        ((), BACK, "not-on-a-roll"),
    ],
)
def test_leave_is_taken_from_the_roll_and_ends(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*CITY, *history).when(proposed).refused(code)


def test_the_longest_leave_is_admitted() -> None:
    given(*CITY, INTO_A).when(replace(ON_LEAVE, until="2022-03-01")).admitted()


def test_leave_obeys_the_rules_in_force_that_day() -> None:
    shorter = replace(RULES, since="2021-01-01", leave_days=30, occurred_at=at("2020-12-01"))
    given(*CITY, shorter, INTO_A).when(ON_LEAVE).refused("leave-too-long")
    given(*CITY, replace(shorter, since="2022-01-01"), INTO_A).when(ON_LEAVE).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((INTO_A,), replace(WITHDRAWN, school="a", district="d", stage="primary", grade=1), "compulsory"),
        ((INTO_B,), replace(WITHDRAWN, stage="vocational"), "other-stage"),
        ((INTO_B,), replace(WITHDRAWN, grade=11), "other-grade"),
        ((INTO_B,), GRADUATED, "other-grade"),
        ((INTO_B,), replace(GRADUATED, grade=10), "not-last-grade"),
        ((replace(INTO_B, grade=12),), replace(GRADUATED, stage="primary"), "other-stage"),
        (
            (replace(INTO_B, grade=12), replace(ON_LEAVE, school="b")),
            replace(GRADUATED, occurred_at=at("2021-06-30")),
            "on-leave",
        ),
        ((), ABROAD, "not-on-a-roll"),
        ((INTO_A,), replace(ABROAD, school="b"), "on-another-roll"),
        ((INTO_A,), replace(ABROAD, stage="special"), "other-stage"),
        ((INTO_A, ABROAD), ABROAD, "not-on-a-roll"),
        ((INTO_A,), replace(ABROAD, reason="incomplete-studies"), "compulsory"),
        ((INTO_A,), replace(ABROAD, reason="completed-without-diploma"), "not-last-grade"),
        ((INTO_B,), replace(GONE, reason="completed-without-diploma"), "not-last-grade"),
    ],
)
def test_an_entry_ends_as_the_law_allows(history: tuple[Event, ...], proposed: Event, code: str) -> None:
    given(*CITY, *history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed",
    [
        ((INTO_B,), WITHDRAWN),
        ((INTO_A,), ABROAD),
        ((replace(INTO_A, grade=5),), replace(ABROAD, grade=5, reason="completed-without-diploma")),
        ((INTO_B,), replace(GONE, reason="incomplete-studies")),
        ((INTO_A, ON_LEAVE), ABROAD),
    ],
)
def test_after_its_end_a_new_entry_may_begin(history: tuple[Event, ...], proposed: Event) -> None:
    chain(*CITY, *history, proposed, replace(INTO_A, occurred_at=at("2024-09-01")))


def test_a_merger_carries_pupils_over_without_a_request() -> None:
    moved = StudentTransferred(
        person="p",
        from_school="a",
        to_school="b",
        from_district="d",
        to_district="e",
        stage="primary",
        grade=1,
        occurred_at=at("2021-07-02"),
    )
    given(*CITY, INTO_A).when(moved).refused("no-request")
    chain(*CITY, INTO_A, replace(MERGED, occurred_at=at("2021-07-01")), moved)
