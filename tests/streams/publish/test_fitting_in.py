"""Fitting in: a late step is admitted if what follows it still holds, and otherwise the step in the way is named."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.accounts import AccountUnlinked
from events.identity.persons import PersonsMerged
from events.roll.pupils import (
    StudentEnrolled,
    StudentLeaveStarted,
    StudentLeft,
    StudentPromoted,
    StudentResumed,
)
from events.roll.schools import SchoolDetailsChanged
from events.roll.teachers import TeacherAppointed, TeacherLeft
from streams.publish.fitting_in import MOST_BEHIND
from streams.publish.request import Recorded, Refusal
from streams.scenario import at
from tests.contexts.identity import FEDERATION, LOGIN
from tests.contexts.persons import registered
from tests.contexts.roll import CONSENTED, REQUESTED, A
from tests.contexts.roll import MOVED as TRANSFERRED
from tests.domain.roll.test_pupils import RULES, B
from tests.logs.histories import append, retraction
from tests.logs.publishing import CODEC, Town, publisher, request

AT_A: dict[str, Any] = {"person": "p", "school": "a", "district": "d", "stage": "primary"}
CITY = (RULES, *registered("p", "q"), A, replace(B, stages=["primary"]))


def enrolled(day: str, number: str = "", **changes: Any) -> StudentEnrolled:
    return StudentEnrolled(**AT_A | {"grade": 1} | changes, occurred_at=at(day), **_envelope(number))


def promoted(day: str, number: str = "", grade: int = 2) -> StudentPromoted:
    return StudentPromoted(
        **AT_A, from_grade=grade - 1, to_grade=grade, occurred_at=at(day), **_envelope(number)
    )


def _envelope(number: str) -> dict[str, Any]:
    return {"id": number, "source": "urn:x"} if number else {}


def leave(day: str) -> StudentLeaveStarted:
    return StudentLeaveStarted(
        person="p", school="a", until="2024-12-31", reason=b"sealed", occurred_at=at(day)
    )


def refusal(verdict: object) -> tuple[str, str]:
    assert isinstance(verdict, Refusal)
    assert verdict.rule == "log.fits_in"
    return verdict.code, verdict.sentence


def test_a_late_rename_of_a_school_is_no_step() -> None:
    renamed = SchoolDetailsChanged(school="a", name="Of 2025", occurred_at=at("2025-01-01"))
    town = Town(*CITY, renamed)
    assert town.codes(replace(renamed, name="Of 2023", occurred_at=at("2023-01-01"))) == [""]


MOVED: list[Event] = [
    replace(REQUESTED, occurred_at=at("2024-03-01")),
    *(
        replace(CONSENTED, by=by, occurred_at=at("2024-03-02"))
        for by in ("sending-school", "sending-district", "receiving-district")
    ),
    replace(TRANSFERRED, occurred_at=at("2024-03-20")),
]


def test_a_late_enrolment_before_a_transfer_is_in_the_way_of_the_enrolment_that_follows() -> None:
    town = Town(*CITY)
    wrong = enrolled("2023-09-01", "wrong")
    assert town.codes(wrong, *MOVED) == [""] * 6
    late = enrolled("2022-09-01", school="b", district="e")
    [verdict] = town.send(late)
    assert refusal(verdict) == (
        "out-of-order",
        "roll.StudentEnrolled of 2023-09-01 (urn:x#wrong) follows and would not hold: already-on-a-roll",
    )


def test_it_is_recorded_with_the_wrong_one_taken_back_in_the_same_batch() -> None:
    town = Town(*CITY)
    wrong = enrolled("2023-09-01", "wrong")
    town.send(wrong, *MOVED)
    right = enrolled("2022-09-01")
    taken_back = replace(retraction(wrong), id="r", source="urn:x", occurred_at=at("2024-06-01"))
    assert town.codes(right) == ["out-of-order"]
    assert town.codes(right, taken_back, atomic=True) == ["", ""]


def test_a_back_dated_leave_is_in_the_way_of_a_promotion_unless_the_return_comes_with_it() -> None:
    town = Town(*CITY, enrolled("2023-09-01"), promoted("2024-09-01", "17"))
    [verdict] = town.send(leave("2024-03-01"))
    assert refusal(verdict)[1] == (
        "roll.StudentPromoted of 2024-09-01 (urn:x#17) follows and would not hold: on-leave"
    )
    back = StudentResumed(person="p", school="a", occurred_at=at("2024-06-01"))
    assert town.codes(leave("2024-03-01"), back) == ["out-of-order", "not-on-leave"]
    assert all(isinstance(each, Recorded) for each in town.send(leave("2024-03-01"), back, atomic=True))


def test_a_late_login_through_an_account_unlinked_since_is_no_step() -> None:
    unlinked = AccountUnlinked(person="p", account="acc", reason="left", occurred_at=at("2024-04-01"))
    assert Town(*FEDERATION, unlinked).codes(LOGIN) == [""]


def test_a_start_date_is_corrected_in_one_batch_or_one_by_one() -> None:
    start, again = enrolled("2023-09-01", "1"), enrolled("2022-09-01")
    taken_back = replace(retraction(start), id="r", source="urn:x", occurred_at=at("2024-10-01"))
    for atomic in (True, False):
        town = Town(*CITY, start, promoted("2024-09-01"))
        assert town.codes(taken_back, again, atomic=atomic) == ["", ""]
        assert town.codes(promoted("2025-09-01", grade=3)) == [""]


def test_a_middle_promotion_taken_back_and_the_right_one_sent() -> None:
    middle = promoted("2024-09-01", "2")
    town = Town(*CITY, enrolled("2023-09-01"), middle, promoted("2025-09-01", "3", grade=3))
    taken_back = replace(retraction(middle), id="r", source="urn:x", occurred_at=at("2025-10-01"))
    assert town.codes(taken_back) == [""]
    assert town.codes(promoted("2024-10-01", "4")) == [""]
    assert town.codes(promoted("2026-09-01", grade=4)) == [""]


def test_what_follows_in_the_same_atomic_batch_must_hold_too() -> None:
    town = Town(*CITY)
    elsewhere = enrolled("2023-08-01", school="b", district="e")
    verdicts = town.send(enrolled("2023-09-01", "1"), elsewhere, atomic=True)
    assert refusal(verdicts[1])[1].endswith("follows and would not hold: already-on-a-roll")


def test_steps_of_the_other_number_follow_too() -> None:
    merge = PersonsMerged(merged="q", surviving="p", occurred_at=at("2025-01-01"))
    town = Town(*CITY, enrolled("2024-09-01", "1", person="q"), merge)
    assert town.codes(enrolled("2023-09-01")) == ["out-of-order"]


def test_a_step_far_behind_is_refused_with_the_next_one() -> None:
    history: list[Event] = [enrolled("2000-09-01")]
    for number in range(MOST_BEHIND // 2 + 1):
        start = at("2001-01-01") + number * 86_400_000_000
        history += [
            replace(leave("2001-01-01"), until="2001-12-31", occurred_at=start),
            StudentResumed(person="p", school="a", occurred_at=start + 1),
        ]
    town = Town(*CITY, *history)
    left = StudentLeft(**AT_A, grade=1, reason="abroad", occurred_at=at("2000-10-01"))
    [verdict] = town.send(left)
    assert refusal(verdict)[1].startswith("roll.StudentLeaveStarted of 2001-01-01")


@pytest.mark.parametrize("late", [True, False])
def test_an_appointment_that_ends_late(*, late: bool) -> None:
    appointed = TeacherAppointed(
        person="q", appointment="n", school="a", district="d", post="teacher", occurred_at=at("2020-09-01")
    )
    left = TeacherLeft(
        person="q", appointment="n", school="a", district="d", reason="retired", occurred_at=at("2022-07-01")
    )
    town = Town(*CITY, appointed, left)
    again = replace(left, occurred_at=at("2021-07-01" if late else "2023-07-01"))
    assert town.codes(again) == ["out-of-order" if late else "appointment-ended"]


def test_what_follows_counts_if_another_publisher_appends_it_meanwhile() -> None:
    town = Town(*CITY, enrolled("2023-09-01"), promoted("2024-09-01"))
    back = StudentResumed(person="p", school="a", occurred_at=at("2024-02-01"), id="b", source="urn:x")
    first = replace(leave("2024-01-01"), id="f", source="urn:x")
    asked = request([first, back], atomic=True)
    appended: list[bool] = []

    def ready() -> None:
        if not appended:
            appended.append(True)
            append(town.log, CODEC, [promoted("2024-01-15", "m")])

    publisher(town.log).settle([asked], ready=ready)
    assert refusal(asked.verdicts[0])[1] == (
        "roll.StudentPromoted of 2024-01-15 (urn:x#m) follows and would not hold: on-leave"
    )
