import pytest
from msgspec.structs import replace

from events.event import Event
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
    chain(*CITY, APPOINTED, A_CLOSED, MOVED)


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
