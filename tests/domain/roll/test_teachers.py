import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.persons import PersonRegistered
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.pupils import StudentEnrolled
from events.roll.schools import SchoolClosed, SchoolRegistered
from events.roll.teachers import TeacherAppointed, TeacherLeft
from streams.scenario import at, chain, given
from tests.contexts.persons import registered
from tests.contexts.roll import QUALIFIED
from tests.contexts.roll import TEACHER_MOVED as MOVED
from tests.contexts.samples import after

CITY = (
    *registered("t", "u"),
    *(
        SchoolRegistered(
            school=school, name=school, district=district, stages=["primary"], occurred_at=at("2000-01-02")
        )
        for school, district in (("a", "d"), ("b", "e"))
    ),
)
APPOINTED = TeacherAppointed(
    person="t", appointment="n-1", school="a", district="d", post="teacher", occurred_at=at("2010-09-01")
)
LEFT = TeacherLeft(
    person="t",
    appointment="n-1",
    school="a",
    district="d",
    reason="retired",
    occurred_at=at("2020-07-01"),
)
A_CLOSED = SchoolClosed(school="a", reason="撤并", occurred_at=at("2012-07-01"))
B_CLOSED = SchoolClosed(school="b", reason="撤并", occurred_at=at("2010-07-01"))


def test_a_teacher_is_qualified_appointed_transferred_and_leaves() -> None:
    chain(
        *CITY,
        QUALIFIED,
        APPOINTED,
        replace(APPOINTED, appointment="n-2", post="class-teacher"),
        MOVED,
        replace(LEFT, school="b", district="e"),
        replace(LEFT, appointment="n-2"),
    )


def test_a_post_is_taken_along_from_a_closed_school() -> None:
    given(*CITY, APPOINTED, A_CLOSED).when(MOVED).admitted()


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((APPOINTED,), replace(APPOINTED, person="u"), "appointment-taken"),
        ((APPOINTED, LEFT), APPOINTED, "appointment-taken"),
        ((), replace(APPOINTED, school="x"), "unknown-school"),
        ((B_CLOSED,), replace(APPOINTED, school="b", district="e"), "school-closed"),
        ((), replace(APPOINTED, district="e"), "other-district"),
    ],
)
def test_an_open_school_appoints_once_under_a_number(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*CITY, *history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((), MOVED, "unknown-appointment"),
        ((), LEFT, "unknown-appointment"),
        ((APPOINTED,), replace(MOVED, person="u"), "other-holder"),
        ((APPOINTED,), replace(LEFT, person="u"), "other-holder"),
        ((APPOINTED, LEFT), after([LEFT], MOVED), "appointment-ended"),
        ((APPOINTED, LEFT), LEFT, "appointment-ended"),
        ((APPOINTED, MOVED), LEFT, "other-school"),
        ((APPOINTED,), replace(MOVED, from_school="b", to_school="a"), "other-school"),
        ((APPOINTED,), replace(LEFT, district="e"), "other-district"),
        ((APPOINTED,), replace(MOVED, to_school="a", to_district="d"), "same-school"),
        ((APPOINTED,), replace(MOVED, to_district="d"), "other-district"),
        ((APPOINTED, B_CLOSED), MOVED, "school-closed"),
    ],
)
def test_teachers_leave_and_transfer_only_the_posts_they_hold(
    history: tuple[Event, ...], proposed: Event, code: str
) -> None:
    given(*CITY, *history).when(proposed).refused(code)


@pytest.mark.parametrize(
    "history, proposed, code",
    [
        ((QUALIFIED,), replace(QUALIFIED, person="u"), "qualification-awarded"),
        ((), replace(QUALIFIED, awarded="2010-06-03"), "awarded-later"),
    ],
)
def test_a_qualification_is_awarded_once(history: tuple[Event, ...], proposed: Event, code: str) -> None:
    given(*CITY, *history).when(proposed).refused(code)


RULES = RollRulesPublished(
    since="2000-01-02",
    stages=[
        StageTerms(stage="primary", first_grade=1, last_grade=5, compulsory=True),
        StageTerms(stage="higher", first_grade=1, last_grade=4, compulsory=False),
    ],
    consent_working_days=10,
    leave_days=365,
)
PUPIL = StudentEnrolled("t", "a", "d", "primary", 1, occurred_at=at("2010-08-31"))
UNIVERSITY = SchoolRegistered("uni", "大学", "d", ["higher"], occurred_at=at("2000-01-02"))


def test_a_pupil_of_a_compulsory_stage_holds_no_post() -> None:
    for post in ("principal", "teacher", "support"):
        given(*CITY, RULES, PUPIL).when(replace(APPOINTED, post=post)).refused(
            "pupil-in-a-post", "roll.no_pupil_of_a_compulsory_stage"
        )
    given(*CITY, RULES, APPOINTED).when(replace(PUPIL, occurred_at=at("2012-09-01"))).refused(
        "pupil-in-a-post", "roll.no_post_in_a_compulsory_stage"
    )
    left = replace(LEFT, occurred_at=at("2011-07-01"))
    chain(*CITY, RULES, APPOINTED, left, replace(PUPIL, occurred_at=at("2012-09-01")))


def test_a_student_may_teach_and_a_teacher_study() -> None:
    student = replace(PUPIL, school="uni", stage="higher")
    chain(*CITY, UNIVERSITY, RULES, student, APPOINTED)
    chain(*CITY, UNIVERSITY, RULES, APPOINTED, replace(student, occurred_at=at("2012-09-01")))


def test_nobody_is_appointed_before_the_published_age() -> None:
    def born(year: int) -> Event:
        return PersonRegistered("t", name=b"sealed", birth_year=year, occurred_at=at("2000-01-01"))

    given(*CITY[2:], RULES, born(1993)).when(APPOINTED).refused("too-young", "roll.appointed_of_age")
    given(*CITY[2:], RULES, born(1992)).when(APPOINTED).admitted()
    older = replace(RULES, appointment_age=21)
    given(*CITY[2:], older, born(1992)).when(APPOINTED).refused("too-young")
