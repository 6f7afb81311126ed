"""Daily changes at schools: pupils by grade, and pupils beside posts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Struct

from events.fold import accepted
from events.roll.pupils import (
    StudentAccelerated,
    StudentEnrolled,
    StudentGraduated,
    StudentLeft,
    StudentPromoted,
    StudentWithdrawn,
)
from events.roll.teachers import TeacherAppointed, TeacherLeft, TeacherTransferred
from events.roll.transfers import StudentTransferred
from projections.read_model import OfDay, ReadModel


class HeadCount(Struct):
    """The change in a school's pupils in a grade on a day; the sum over all days is the head count."""

    school: str
    district: str
    stage: str
    grade: int
    day: Annotated[str, OfDay()]
    change: int = 0


Moves = (
    StudentEnrolled
    | StudentPromoted
    | StudentAccelerated
    | StudentTransferred
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft
)


def head_count(row: HeadCount, event: Moves) -> None:
    """Add the pupils who joined this school and grade on this day, and subtract those who left."""
    here = (row.school, row.district, row.stage, row.grade)
    for place, change in _moves(event):
        if place == here:
            row.change += change


def class_and_day(event: Moves, school: str) -> Iterator[tuple[str, str, int, str]]:
    """Yield the district, stage, grade and day of each of a school's counts that a move changes."""
    for at, district, stage, grade in {place: None for place, _ in _moves(event)}:
        if at == school:
            yield district, stage, grade, event.day


def _moves(event: Moves) -> tuple[tuple[tuple[str, str, str, int], int], ...]:
    stage = event.stage
    match event:
        case StudentEnrolled():
            return (((event.school, event.district, stage, event.grade), 1),)
        case StudentPromoted() | StudentAccelerated():
            return (
                ((event.school, event.district, stage, event.from_grade), -1),
                ((event.school, event.district, stage, event.to_grade), 1),
            )
        case StudentTransferred():
            return (
                ((event.from_school, event.from_district, stage, event.grade), -1),
                ((event.to_school, event.to_district, stage, event.grade), 1),
            )
        case StudentWithdrawn() | StudentGraduated() | StudentLeft():
            return (((event.school, event.district, stage, event.grade), -1),)


class PupilTeacherChange(Struct):
    """The change in a school's pupils and posts on a day; their sums give the pupil-teacher ratio (生师比)."""

    school: str
    district: str
    day: Annotated[str, OfDay()]
    pupils: int = 0
    posts: int = 0


Joining = StudentEnrolled | TeacherAppointed
Moving = StudentTransferred | TeacherTransferred
Leaving = StudentWithdrawn | StudentGraduated | StudentLeft | TeacherLeft


def pupil_teacher_change(row: PupilTeacherChange, event: Joining | Moving | Leaving) -> None:
    """Add the pupils and posts that this school gained on this day, and subtract those it lost."""
    for place, change in _comings_and_goings(event):
        if place == (row.school, row.district):
            if isinstance(event, TeacherAppointed | TeacherTransferred | TeacherLeft):
                row.posts += change
            else:
                row.pupils += change


def district_and_day(event: Joining | Moving | Leaving, school: str) -> Iterator[tuple[str, str]]:
    """Yield the district and day of each of a school's changes to which an event adds."""
    for at, district in {place: None for place, _ in _comings_and_goings(event)}:
        if at == school:
            yield district, event.day


def _comings_and_goings(event: Joining | Moving | Leaving) -> tuple[tuple[tuple[str, str], int], ...]:
    match event:
        case StudentEnrolled() | TeacherAppointed():
            return (((event.school, event.district), 1),)
        case StudentTransferred() | TeacherTransferred():
            return ((event.from_school, event.from_district), -1), ((event.to_school, event.to_district), 1)
        case StudentWithdrawn() | StudentGraduated() | StudentLeft() | TeacherLeft():
            return (((event.school, event.district), -1),)


READ_MODELS = (
    ReadModel(
        "head-counts",
        "school",
        HeadCount,
        head_count,
        parts_of=class_and_day,
        anytime=accepted(head_count),
        filter=("district", "day", "grade"),
    ),
    ReadModel(
        "pupil-teacher-changes",
        "school",
        PupilTeacherChange,
        pupil_teacher_change,
        parts_of=district_and_day,
        anytime=accepted(pupil_teacher_change),
        filter=("district", "day"),
    ),
)
