"""Course offerings and enrolments."""

from __future__ import annotations

from msgspec import Struct, field

from events.learning.courses import (
    CourseCompleted,
    CourseEnrolled,
    CourseOffered,
    CourseSharingAgreed,
    CourseWithdrawn,
)
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel

Steps = CourseEnrolled | CourseWithdrawn | CourseCompleted


class Course(Struct):
    """An offering of a course (开课), and how many learners enrolled, withdrew, passed and failed."""

    offering: str
    course: str = ""
    institution: str = ""
    title: str = ""
    category: str = ""
    sector: str = ""
    hours: int = 0
    starts: str = ""
    ends: str = ""
    seats: int | None = None
    partners: list[str] = field(default_factory=list)
    enrolled: int = 0
    withdrawn: int = 0
    passed: int = 0
    failed: int = 0


def course(row: Course, event: CourseOffered | CourseSharingAgreed | Steps) -> None:
    """Follow an offering; `enrolled` counts everybody who ever enrolled."""
    match event:
        case CourseOffered():
            row.course, row.institution, row.title = event.course, event.institution, event.title
            row.category, row.sector, row.hours = event.category, event.sector, event.hours
            row.starts, row.ends, row.seats = event.starts, event.ends, event.seats
        case CourseSharingAgreed():
            row.partners = [*row.partners, event.partner]
        case CourseEnrolled():
            row.enrolled += 1
        case CourseWithdrawn():
            row.withdrawn += 1
        case CourseCompleted(result="fail"):
            row.failed += 1
        case CourseCompleted():
            row.passed += 1


class CourseEnrolment(Struct):
    """A learner's enrolment in an offering and its result; `estimated` is true if a day is an estimate.

    `running` is 1 until the enrolment ends; it is 2 if two numbers that were merged had both enrolled.
    """

    person: str
    offering: str
    status: str = "unknown"
    result: str | None = None
    through: str | None = None
    enrolled: str | None = None
    ended: str | None = None
    estimated: bool = False
    running: int = 0


STEPS = LifeCycle(
    CourseEnrolment,
    {
        CourseEnrolled: Step("enrolled", day="enrolled"),
        CourseWithdrawn: Step("withdrawn", day="ended"),
        CourseCompleted: Step("completed", day="ended"),
    },
)


def course_enrolment(row: CourseEnrolment, event: Steps) -> None:
    """Follow an enrolment; enrolling again starts it anew, and withdrawing ends it unless another still runs."""
    row.running = max(0, row.running + (1 if isinstance(event, CourseEnrolled) else -1))
    if isinstance(event, CourseWithdrawn) and row.running:
        return
    STEPS.follow(row, event)
    match event:
        case CourseEnrolled():
            row.through = event.through
            row.result = row.ended = None
            row.estimated = event.day_estimated
        case CourseWithdrawn():
            row.result = event.counted_as
            row.estimated = row.estimated or event.day_estimated
        case CourseCompleted():
            row.result = event.result


READ_MODELS = (
    ReadModel(
        "courses",
        "offering",
        Course,
        course,
        anytime=(CourseEnrolled, CourseWithdrawn, CourseCompleted),
        filter=("course", "institution", "category", "sector"),
        sort=("starts", "ends", "enrolled", "title"),
    ),
    ReadModel(
        "course-enrolments",
        "person",
        CourseEnrolment,
        course_enrolment,
        filter=("offering", "status", "result"),
        sort=("enrolled", "ended"),
    ),
)
