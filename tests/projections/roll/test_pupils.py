"""The student database, roll history and leaves."""

from __future__ import annotations

from msgspec.structs import replace

from projections.roll.pupils import Leave, RollHistory, Step, Student
from streams.scenario import at, given
from tests.contexts.roll import (
    ABROAD,
    ACCELERATED,
    BACK,
    ENROLLED,
    GRADUATED,
    MOVED,
    ON_LEAVE,
    PROMOTED,
    RETAINED,
    WITHDRAWN,
)


def test_students_show_the_current_entry() -> None:
    enrolled = Student("p", "a", "d", "primary", 1, "一(1)班", "enrolled", "2020-09-01")
    assert given(ENROLLED).row("students", "p") == enrolled
    assert given(ENROLLED, PROMOTED).row("students", "p") == replace(enrolled, grade=2)
    renamed = replace(PROMOTED, class_name="二(1)班")
    assert given(ENROLLED, renamed).row("students", "p") == replace(enrolled, grade=2, class_name="二(1)班")
    on_leave = replace(enrolled, status="on-leave", since="2021-02-01", leave_until="2021-12-31")
    assert given(ENROLLED, ON_LEAVE).row("students", "p") == on_leave
    assert given(ENROLLED, ON_LEAVE, BACK).row("students", "p") == replace(enrolled, since="2021-10-01")
    moved = given(ENROLLED, MOVED).row("students", "p")
    assert (moved.school, moved.district, moved.class_name) == ("b", "e", None)


def test_students_keep_how_an_entry_ended() -> None:
    for event, status in ((WITHDRAWN, "withdrawn"), (GRADUATED, "graduated"), (ABROAD, "left")):
        row = given(ENROLLED, event).row("students", "p")
        assert (row.status, row.since) == (status, event.day)


def test_roll_history_has_a_row_for_each_day() -> None:
    same_day = replace(ON_LEAVE, occurred_at=at("2020-09-01", hour=15))
    history = given(ENROLLED, same_day, BACK, PROMOTED, MOVED)
    assert history.row("roll-history", "p", "2020-09-01") == RollHistory(
        "p",
        "2020-09-01",
        [
            Step("enrolled", "a", "d", "primary", 1),
            Step("leave-started", "a", leave_until="2021-12-31"),
        ],
    )
    assert [(row.day, [step.what for step in row.steps]) for row in history.rows("roll-history")] == [
        ("2020-09-01", ["enrolled", "leave-started"]),
        ("2021-03-20", ["transferred"]),
        ("2021-09-01", ["promoted"]),
        ("2021-10-01", ["resumed"]),
    ]
    moved = Step("transferred", "b", "e", "primary", 1, from_school="a")
    assert history.row("roll-history", "p", "2021-03-20").steps == [moved]


def test_a_retention_and_an_acceleration_are_shown_and_lose_no_class() -> None:
    history = given(ENROLLED, RETAINED, replace(ACCELERATED, from_grade=1, to_grade=3))
    row = history.row("students", "p")
    assert (row.grade, row.class_name) == (3, "一(1)班")
    found = [step for each in history.rows("roll-history") for step in each.steps]
    assert found[1:] == [
        Step("retained", "a", "d", "primary", 1),
        Step("accelerated", "a", "d", "primary", 3),
    ]


def test_roll_history_shows_how_an_entry_ended() -> None:
    history = given(ENROLLED, WITHDRAWN, GRADUATED, ABROAD)
    assert history.row("roll-history", "p", "2021-03-01").steps == [
        Step("withdrawn", "a", "d", None, 1),
        Step("left", "a", "d", None, 1, reason="abroad"),
    ]
    assert history.row("roll-history", "p", "2021-06-30").steps == [Step("graduated", "a", "d", "primary", 1)]


def test_a_leave_goes_along_when_schools_merge() -> None:
    moved = replace(MOVED, transfer=None)
    history = given(ENROLLED, ON_LEAVE, moved)
    assert history.row("leaves", "p") == Leave("p", "b", "2021-02-01", "2021-12-31")
    assert history.row("students", "p").status == "on-leave"
    assert given(ENROLLED, moved).row("leaves", "p") is None


def test_leaves_last_until_the_pupil_is_back_or_gone() -> None:
    assert given(ENROLLED, ON_LEAVE).row("leaves", "p") == Leave("p", "a", "2021-02-01", "2021-12-31")
    for event in (BACK, WITHDRAWN, ABROAD):
        assert given(ENROLLED, ON_LEAVE, event).row("leaves", "p") is None
