"""The student database (学生库), the history of each pupil's roll entries, and leaves."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct, field

from events.fold import REMOVED, Removed
from events.roll.entry import Step as Change
from events.roll.entry import named
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
from projections.read_model import OfDay, ReadModel

Entry = (
    StudentEnrolled
    | StudentPromoted
    | StudentRetained
    | StudentAccelerated
    | StudentTransferred
    | StudentLeaveStarted
    | StudentResumed
    | StudentWithdrawn
    | StudentGraduated
    | StudentLeft
)


class OtherEntry(Struct):
    """A live roll entry under another number of the pupil, which a merge of the numbers has revealed."""

    school: str | None
    district: str | None
    stage: str | None
    grade: int
    class_name: str | None
    status: str
    since: str | None
    leave_until: str | None


ENTRY = OtherEntry.__struct_fields__
LIVE = ("enrolled", "on-leave")


class Student(Struct):
    """A pupil in the student database (学生库), with the current or last roll entry.

    `others` lists further live entries, of numbers that were merged while both were on a roll.
    """

    person: str
    school: str | None = None
    district: str | None = None
    stage: str | None = None
    grade: int = 0
    class_name: str | None = None
    status: str = "unknown"
    since: str | None = None
    leave_until: str | None = None
    others: list[OtherEntry] | None = None


def student(row: Student, event: Entry) -> None:
    """Follow a pupil from entry to entry; `since` is the day of the last change of status or school."""
    if isinstance(event, StudentEnrolled):
        if row.status in LIVE:
            row.others = [*(row.others or ()), _shown(row)]
    elif row.others:
        _step_of_several(row, event)
        return
    _step(row, event)


def _step_of_several(row: Student, event: Change) -> None:
    """Take a step of the entry that it names; the row goes on to show the last one that is live."""
    entries = [*(row.others or ()), _shown(row)]
    at = named([(each.school, each.grade) for each in entries], event) or 0
    _show(row, entries[at])
    _step(row, event)
    entries[at : at + 1] = [_shown(row)] if row.status in LIVE else []
    _show(row, entries.pop())
    row.others = entries or None


def _shown(row: Student) -> OtherEntry:
    return OtherEntry(*(getattr(row, each) for each in ENTRY))


def _show(row: Student, entry: OtherEntry) -> None:
    for each in ENTRY:
        setattr(row, each, getattr(entry, each))


def _step(row: Student, event: Entry) -> None:
    match event:
        case StudentEnrolled():
            row.school, row.district, row.stage = event.school, event.district, event.stage
            row.grade, row.class_name = event.grade, event.class_name
            row.status, row.since = "enrolled", event.day
        case StudentPromoted() | StudentAccelerated():
            row.grade, row.class_name = event.to_grade, event.class_name or row.class_name
        case StudentRetained():
            row.class_name = event.class_name or row.class_name
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
            row.status, row.since, row.leave_until = "graduated", event.day, None
        case StudentLeft():
            row.status, row.since, row.leave_until = "left", event.day, None


class Step(Struct):
    """One change to a roll entry: what happened, and the school and grade that resulted."""

    what: str
    school: str
    district: str | None = None
    stage: str | None = None
    grade: int | None = None
    from_school: str | None = None
    leave_until: str | None = None
    reason: str | None = None


class RollHistory(Struct):
    """The changes to a pupil's roll entry on a day (学籍异动), in order."""

    person: str
    day: Annotated[str, OfDay()]
    steps: list[Step] = field(default_factory=list)


def roll_history(row: RollHistory, event: Entry) -> None:
    """Add a change."""
    add = row.steps.append
    match event:
        case StudentEnrolled():
            add(Step("enrolled", event.school, event.district, event.stage, event.grade))
        case StudentPromoted() | StudentAccelerated() | StudentRetained():
            add(_moved(event))
        case StudentTransferred():
            to = (event.to_school, event.to_district)
            add(Step("transferred", *to, event.stage, event.grade, from_school=event.from_school))
        case StudentLeaveStarted():
            add(Step("leave-started", event.school, leave_until=event.until))
        case StudentResumed():
            add(Step("resumed", event.school))
        case StudentWithdrawn():
            add(Step("withdrawn", event.school, event.district, None, event.grade))
        case StudentGraduated():
            add(Step("graduated", event.school, event.district, event.stage, event.grade))
        case StudentLeft():
            add(Step("left", event.school, event.district, None, event.grade, reason=event.reason))


def _moved(event: StudentPromoted | StudentAccelerated | StudentRetained) -> Step:
    place = (event.school, event.district, event.stage)
    match event:
        case StudentPromoted():
            return Step("promoted", *place, event.to_grade)
        case StudentAccelerated():
            return Step("accelerated", *place, event.to_grade)
        case StudentRetained():
            return Step("retained", *place, event.grade)


class Leave(Struct):
    """A pupil on leave (休学) who has not returned; after `until` the leave is overdue."""

    person: str
    school: str = ""
    started: str = ""
    until: str = ""


def leave(
    row: Leave,
    event: StudentLeaveStarted | StudentResumed | StudentTransferred | StudentWithdrawn | StudentLeft,
) -> Removed | None:
    """Follow a leave until the pupil returns or the entry ends, also to the school that theirs has merged into.

    Another number's entry at another school may end or move meanwhile.
    """
    match event:
        case StudentLeaveStarted():
            row.school, row.started, row.until = event.school, event.day, event.until
            return None
        case StudentTransferred():
            row.school = event.to_school if row.school == event.from_school else row.school
            return None if row.school else REMOVED
        case StudentResumed() | StudentWithdrawn() | StudentLeft():
            return REMOVED if row.school in ("", event.school) else None


READ_MODELS = (
    ReadModel(
        "students",
        "person",
        Student,
        student,
        filter=("school", "district", "grade", "status"),
        sort=("since", "grade"),
    ),
    ReadModel("roll-history", "person", RollHistory, roll_history, filter=("day",)),
    ReadModel("leaves", "person", Leave, leave, filter=("school",), sort=("until", "started")),
)
