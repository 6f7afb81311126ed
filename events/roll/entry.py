"""The live roll entries of a person: one as a rule, more once numbers that each have one prove to be one person's."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from events.roll.pupils import (
    StudentAccelerated,
    StudentEnrolled,
    StudentGraduated,
    StudentLeaveStarted,
    StudentLeft,
    StudentPromoted,
    StudentResumed,
    StudentRetained,
    StudentWithdrawn,
)
from events.roll.transfers import StudentTransferred
from events.roll.vocabulary import Stage


class Entry(Struct):
    """A live roll entry (学籍), the last day of the pupil's leave, if they are on leave, and the day of the last move.

    A move is a promotion, a retention or an acceleration.
    """

    school: str = ""
    district: str = ""
    stage: Stage = "primary"
    grade: int = 0
    leave_until: str = ""
    moved: str = ""


Step = (
    StudentPromoted
    | StudentRetained
    | StudentAccelerated
    | StudentTransferred
    | StudentLeaveStarted
    | StudentResumed
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft
)
"""What happens to an entry after it has begun."""


def follow(entries: list[Entry], event: StudentEnrolled | Step) -> None:
    """Follow a person's live entries, the last begun last: each step changes the entry that it names."""
    if isinstance(event, StudentEnrolled):
        entries.append(Entry(event.school, event.district, event.stage, event.grade))
        return
    at = named([(each.school, each.grade) for each in entries], event)
    if at is not None:
        _follow(entries, at, event)
    elif isinstance(event, StudentTransferred):
        entries.append(Entry(event.to_school, event.to_district, event.stage, event.grade))


def named(places: Sequence[tuple[str | None, int]], event: Step) -> int | None:
    """Return the index of the entry that a step is about, given each entry's school and grade; None without entries.

    It is the last one at the step's school, and in its grade if there is one in that grade.
    """
    school = event.from_school if isinstance(event, StudentTransferred) else event.school
    there = [index for index, (at, _) in enumerate(places) if at == school]
    exact = [index for index in there if places[index][1] == _grade(event)]
    return max(exact or there or range(len(places)), default=None)


def _grade(event: Step) -> int | None:
    match event:
        case StudentPromoted() | StudentAccelerated():
            return event.from_grade
        case StudentLeaveStarted() | StudentResumed():
            return None
        case _:
            return event.grade


def _follow(entries: list[Entry], at: int, event: Step) -> None:
    entry = entries[at]
    match event:
        case StudentPromoted() | StudentAccelerated():
            entry.grade, entry.moved = event.to_grade, event.day
        case StudentRetained():
            entry.moved = event.day
        case StudentTransferred():
            entry.school, entry.district, entry.grade = event.to_school, event.to_district, event.grade
        case StudentLeaveStarted():
            entry.leave_until = event.until
        case StudentResumed():
            entry.leave_until = ""
        case StudentWithdrawn() | StudentGraduated() | StudentLeft():
            del entries[at]
