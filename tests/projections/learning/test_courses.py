"""Course offerings and enrolments."""

from __future__ import annotations

from events.event import Event
from events.learning.courses import (
    CourseCompleted,
    CourseEnrolled,
    CourseOffered,
    CourseSharingAgreed,
    CourseWithdrawn,
)
from projections.learning.courses import CourseEnrolment
from streams.scenario import given
from tests.contexts.learning import ACCOUNT, COMPLETED, ENROLLED, OFFERED, some


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

    assert enrolment(*ENROLLED) == CourseEnrolment("p-1", "law-24", "enrolled", enrolled="2024-01-10")
    completed = enrolment(*COMPLETED)
    assert (completed.status, completed.result, completed.ended) == ("completed", "pass", "2024-06-30")
    estimated = some(CourseWithdrawn, counted_as="fail", day_estimated=True)
    withdrawn = enrolment(*ENROLLED, estimated)
    assert (withdrawn.status, withdrawn.result, withdrawn.estimated) == ("withdrawn", "fail", True)
    again = enrolment(*ENROLLED, estimated, some(CourseEnrolled, "2024-03-02", through="college"))
    assert again == CourseEnrolment(
        "p-1", "law-24", "enrolled", through="college", enrolled="2024-03-02", ended=None
    )
