"""Pupils: the life of a roll entry (学籍), for the student database (学生库)."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Day, Event, Grade, Name, Number, Personal, PersonId, SchoolId, Tag
from events.roll.vocabulary import DistrictId, SealedReason, Stage


class StudentEnrolled(Event, frozen=True):
    """A school has taken a pupil onto its roll (入学).

    `name` is the name on the roll; it stays readable with the roll after the person is erased.
    """

    person: PersonId
    school: SchoolId
    district: DistrictId
    stage: Stage
    grade: Grade
    class_name: Name | None = None
    name: Annotated[bytes, Personal(of="person", sent_as=Name, retention="roll", findable=True)] | None = None


class StudentPromoted(Event, frozen=True):
    """A pupil has been promoted by one grade, within the same stage (升级); without `class_name`, the class goes up together."""

    person: PersonId
    school: SchoolId
    district: DistrictId
    stage: Stage
    from_grade: Grade
    to_grade: Grade
    class_name: Name | None = None


class StudentRetained(Event, frozen=True):
    """A pupil repeats their grade (留级)."""

    person: PersonId
    school: SchoolId
    district: DistrictId
    stage: Stage
    grade: Grade
    reason: SealedReason
    class_name: Name | None = None


class StudentAccelerated(Event, frozen=True):
    """A pupil has skipped at least one grade, within the same stage (跳级)."""

    person: PersonId
    school: SchoolId
    district: DistrictId
    stage: Stage
    from_grade: Grade
    to_grade: Grade
    class_name: Name | None = None


class StudentLeaveStarted(Event, frozen=True):
    """A pupil has gone on leave (休学) and keeps the roll entry."""

    person: PersonId
    school: SchoolId
    until: Day
    reason: SealedReason


class StudentResumed(Event, frozen=True):
    """A pupil has returned from leave (复学)."""

    person: PersonId
    school: SchoolId


class StudentWithdrawn(Event, frozen=True):
    """A pupil has withdrawn from non-compulsory schooling (退学)."""

    person: PersonId
    school: SchoolId
    district: DistrictId
    stage: Stage
    grade: Grade
    reason: SealedReason


class StudentGraduated(Event, frozen=True):
    """A pupil has completed the last grade of a stage (毕业).

    `holder` is the name on the diploma; it stays readable with the diploma after the person is erased.
    """

    person: PersonId
    school: SchoolId
    district: DistrictId
    stage: Stage
    grade: Grade
    diploma: Annotated[Number, Tag("diploma")] | None = None
    holder: (
        Annotated[bytes, Personal(of="person", sent_as=Name, retention="diploma", findable=True)] | None
    ) = None


class StudentLeft(Event, frozen=True):
    """A pupil's entry has ended otherwise: without a diploma (结业), with studies incomplete (肄业), abroad, by death.

    An entry of a person who is on a roll under another number too is a `duplicate`; it ends before the numbers are merged.
    """

    person: PersonId
    school: SchoolId
    district: DistrictId
    stage: Stage
    grade: Grade
    reason: Literal["completed-without-diploma", "incomplete-studies", "abroad", "death", "duplicate"]


EVENTS = (
    StudentEnrolled,
    StudentPromoted,
    StudentRetained,
    StudentAccelerated,
    StudentLeaveStarted,
    StudentResumed,
    StudentWithdrawn,
    StudentGraduated,
    StudentLeft,
)
