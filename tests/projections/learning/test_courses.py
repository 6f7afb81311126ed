"""Course offerings and enrolments."""

from __future__ import annotations

from events.event import Event
from events.identity.persons import PersonsMerged
from events.learning.accounts import LearningAccountOpened
from events.learning.courses import (
    CourseCompleted,
    CourseEnrolled,
    CourseOffered,
    CourseSharingAgreed,
    CourseWithdrawn,
)
from projections.learning.courses import CourseEnrolment
from streams.scenario import at, chain, given
from tests.contexts.learning import ACCOUNT, COMPLETED, ENROLLED, OFFERED, some
from tests.contexts.persons import registered


def test_an_offering_counts_its_learners() -> None:
    row = given(
        *ACCOUNT,
        some(CourseOffered, seats=30),
        some(CourseSharingAgreed),
        *[some(CourseEnrolled, person=each) for each in ("p-1", "p-2", "p-3")],
        some(CourseWithdrawn),
        some(CourseCompleted, person="p-2"),
        some(CourseCompleted, person="p-3", result="fail"),
    ).row("courses", "law-24")
    assert (row.enrolled, row.withdrawn, row.passed, row.failed) == (3, 1, 1, 1)
    assert (row.course, row.title, row.seats, row.partners) == ("law", "Introduction to law", 30, ["college"])
    assert given(*OFFERED).row("courses", "law-24").starts == "2024-02-01"


def test_an_enrolment_shows_its_result() -> None:
    def enrolment(*history: Event) -> CourseEnrolment:
        row: CourseEnrolment = given(*history).row("course-enrolments", "p-1", "law-24")
        return row

    assert enrolment(*ENROLLED) == CourseEnrolment(
        "p-1", "law-24", "enrolled", enrolled="2024-01-10", running=1
    )
    completed = enrolment(*COMPLETED)
    assert (completed.status, completed.result, completed.ended) == ("completed", "pass", "2024-06-30")
    estimated = some(CourseWithdrawn, counted_as="fail", day_estimated=True)
    withdrawn = enrolment(*ENROLLED, estimated)
    assert (withdrawn.status, withdrawn.result, withdrawn.estimated) == ("withdrawn", "fail", True)
    again = enrolment(*ENROLLED, estimated, some(CourseEnrolled, "2024-03-02", through="college"))
    assert again == CourseEnrolment(
        "p-1", "law-24", "enrolled", through="college", enrolled="2024-03-02", ended=None, running=1
    )


def test_one_of_two_enrolments_of_a_person_is_withdrawn_and_the_other_completed() -> None:
    """Both numbers of a person were enrolled; one withdraws, and then the numbers are merged."""
    history = (
        *ENROLLED,
        *registered("p-9"),
        some(LearningAccountOpened, person="p-9", account="la-9"),
        some(CourseEnrolled, "2024-01-11", person="p-9"),
        some(CourseWithdrawn, person="p-9"),
        PersonsMerged(merged="p-9", surviving="p-1", occurred_at=at("2024-05-01")),
    )
    row = chain(*history).row("course-enrolments", "p-1", "law-24")
    assert (row.status, row.running) == ("enrolled", 1)
    row = chain(*history, some(CourseCompleted)).row("course-enrolments", "p-1", "law-24")
    assert (row.status, row.result, row.running) == ("completed", "pass", 0)
