"""The core databases (三大核心数据库) and what follows from the roll (plan, 二(2))."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from events.fold import REMOVED, Removed
from events.roll import (
    SchoolClosed,
    SchoolDetailsChanged,
    SchoolRegistered,
    SchoolsMerged,
    Stage,
    StudentEnrolled,
    StudentGraduated,
    StudentLeaveStarted,
    StudentLeft,
    StudentPromoted,
    StudentResumed,
    StudentTransferred,
    StudentWithdrawn,
    TransferConsented,
    TransferRefused,
    TransferRequested,
)
from projections.read_model import ReadModel


class School(Struct):
    """One line of the school database (学校库)."""

    school: str
    name: str = ""
    district: str = ""
    stages: list[Stage] = field(default_factory=list)
    status: str = "unknown"
    merged_into: str | None = None


def school(
    row: School, event: SchoolRegistered | SchoolDetailsChanged | SchoolsMerged | SchoolClosed
) -> None:
    """Follow a school from registration to its end."""
    match event:
        case SchoolRegistered():
            row.name, row.district, row.stages = event.name, event.district, event.stages
            row.status = "open"
        case SchoolDetailsChanged():
            row.name = row.name if event.name is None else event.name
            row.stages = row.stages if event.stages is None else event.stages
        case SchoolsMerged() if event.school == row.school:
            row.status, row.merged_into = "merged", event.into
        case SchoolClosed():
            row.status = "closed"


class Student(Struct):
    """One line of the student database (学生库)."""

    person: str
    school: str | None = None
    district: str | None = None
    stage: str | None = None
    grade: int = 0
    class_name: str | None = None
    status: str = "unknown"
    since: str | None = None
    leave_until: str | None = None


def student(
    row: Student,
    event: StudentEnrolled
    | StudentPromoted
    | StudentTransferred
    | StudentLeaveStarted
    | StudentResumed
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft,
) -> None:
    """Follow a pupil from entry to entry; `since` is the day of the last change of status or school."""
    match event:
        case StudentEnrolled():
            row.school, row.district, row.stage = event.school, event.district, event.stage
            row.grade, row.class_name = event.grade, event.class_name
            row.status, row.since = "enrolled", event.day
        case StudentPromoted():
            row.grade = event.to_grade
        case StudentTransferred():
            row.school, row.district, row.grade = event.to_school, event.to_district, event.grade
            row.class_name, row.since = None, event.day
        case StudentLeaveStarted():
            row.status, row.since, row.leave_until = "on-leave", event.day, event.until
        case StudentResumed():
            row.status, row.since, row.leave_until = "enrolled", event.day, None
        case StudentWithdrawn():
            row.status, row.since, row.leave_until = "withdrawn", event.day, None
        case StudentGraduated():
            row.status, row.since = "graduated", event.day
        case StudentLeft():
            row.status, row.since, row.leave_until = "left", event.day, None


class OpenTransfer(Struct):
    """A transfer that has been asked for and is neither refused nor carried out."""

    transfer: str
    person: str = ""
    from_school: str = ""
    to_school: str = ""
    requested: str = ""
    consents: list[str] = field(default_factory=list)


def open_transfer(
    row: OpenTransfer, event: TransferRequested | TransferConsented | TransferRefused | StudentTransferred
) -> Removed | None:
    """Follow a request until it ends."""
    match event:
        case TransferRequested():
            row.person, row.requested = event.person, event.day
            row.from_school, row.to_school = event.from_school, event.to_school
        case TransferConsented():
            row.consents.append(event.by)
        case TransferRefused() | StudentTransferred():
            return REMOVED
    return None


class HeadCount(Struct):
    """How the number of a school's pupils in a grade changed on a day; summed, it is the head count."""

    school: str
    grade: int
    day: str
    district: str = ""
    change: int = 0


Moves = (
    StudentEnrolled | StudentPromoted | StudentTransferred | StudentWithdrawn | StudentGraduated | StudentLeft
)


def head_count(row: HeadCount, event: Moves) -> None:
    """Count who came to this school and grade on this day, less who went."""
    for school, district, grade, change in _moves(event):
        if (school, grade) == (row.school, row.grade):
            row.district = district
            row.change += change


def grade_and_day(event: Moves) -> Iterator[tuple[int, str]]:
    """Give the grade and day of each count that a move changes."""
    for grade in {grade: None for _, _, grade, _ in _moves(event)}:
        yield grade, event.day


def _moves(event: Moves) -> tuple[tuple[str, str, int, int], ...]:
    match event:
        case StudentEnrolled():
            return ((event.school, event.district, event.grade, 1),)
        case StudentPromoted():
            return (
                (event.school, event.district, event.from_grade, -1),
                (event.school, event.district, event.to_grade, 1),
            )
        case StudentTransferred():
            return (
                (event.from_school, event.from_district, event.grade, -1),
                (event.to_school, event.to_district, event.grade, 1),
            )
        case StudentWithdrawn() | StudentGraduated() | StudentLeft():
            return ((event.school, event.district, event.grade, -1),)


READ_MODELS = (
    ReadModel("schools", "school", School, school, filter=("district", "status"), sort=("name",)),
    ReadModel(
        "students",
        "person",
        Student,
        student,
        filter=("school", "district", "grade", "status"),
        sort=("since", "grade"),
    ),
    ReadModel("open-transfers", "transfer", OpenTransfer, open_transfer, filter=("to_school", "from_school")),
    ReadModel(
        "head-counts",
        "school",
        HeadCount,
        head_count,
        parts=grade_and_day,
        filter=("district", "day", "grade"),
    ),
)
