"""Daily changes at schools: pupils by grade, and pupils beside posts."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from events.roll.pupils import (
    StudentEnrolled,
    StudentGraduated,
    StudentLeft,
    StudentPromoted,
    StudentWithdrawn,
)
from events.roll.teachers import TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from projections.read_model import ReadModel


class HeadCount(Struct):
    """The change in a school's pupils in a grade on a day; the sum over all days is the head count."""

    school: str
    grade: int
    day: str
    district: str = ""
    change: int = 0


Moves = (
    StudentEnrolled | StudentPromoted | StudentTransferred | StudentWithdrawn | StudentGraduated | StudentLeft
)


def head_count(row: HeadCount, event: Moves) -> None:
    """Add the pupils who joined this school and grade on this day, and subtract those who left."""
    for school, district, grade, change in _moves(event):
        if (school, grade) == (row.school, row.grade):
            row.district = district
            row.change += change


def grade_and_day(event: Moves) -> Iterator[tuple[int, str]]:
    """Yield the grade and day of each count that a move changes."""
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


class PupilTeacherChange(Struct):
    """The change in a school's pupils and posts on a day; their sums give the pupil-teacher ratio (生师比)."""

    school: str
    day: str
    district: str = ""
    pupils: int = 0
    posts: int = 0


Joining = StudentEnrolled | TeacherAppointed
Moving = StudentTransferred | TeacherTransferred
Leaving = StudentWithdrawn | StudentGraduated | StudentLeft | TeacherLeft


def pupil_teacher_change(row: PupilTeacherChange, event: Joining | Moving | Leaving) -> None:
    """Add the pupils and posts that this school gained on this day, and subtract those it lost."""
    for school, district, change in _comings_and_goings(event):
        if school == row.school:
            row.district = district
            if isinstance(event, TeacherAppointed | TeacherTransferred | TeacherLeft):
                row.posts += change
            else:
                row.pupils += change


def _comings_and_goings(event: Joining | Moving | Leaving) -> tuple[tuple[str, str, int], ...]:
    match event:
        case StudentEnrolled() | TeacherAppointed():
            return ((event.school, event.district, 1),)
        case StudentTransferred() | TeacherTransferred():
            return ((event.from_school, event.from_district, -1), (event.to_school, event.to_district, 1))
        case StudentWithdrawn() | StudentGraduated() | StudentLeft() | TeacherLeft():
            return ((event.school, event.district, -1),)


READ_MODELS = (
    ReadModel(
        "head-counts",
        "school",
        HeadCount,
        head_count,
        parts=grade_and_day,
        filter=("district", "day", "grade"),
    ),
    ReadModel(
        "pupil-teacher-changes",
        "school",
        PupilTeacherChange,
        pupil_teacher_change,
        filter=("district", "day"),
    ),
)
