"""Teachers: appointments and teaching qualifications, for the teacher database (教师库)."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Day, Event, Name, Number, PersonId, SchoolId, Tag
from events.roll.vocabulary import DistrictId, Post, Stage

AppointmentId = Annotated[Number, Tag("appointment")]


class TeacherAppointed(Event, frozen=True):
    """A person has been appointed to a post at a school (教师聘任)."""

    person: PersonId
    appointment: AppointmentId
    school: SchoolId
    district: DistrictId
    post: Post
    subject: Name | None = None


class TeacherTransferred(Event, frozen=True):
    """A teacher's appointment has moved to another school."""

    person: PersonId
    appointment: AppointmentId
    from_school: SchoolId
    to_school: SchoolId
    from_district: DistrictId
    to_district: DistrictId


class TeacherLeft(Event, frozen=True):
    """A teacher's appointment has ended."""

    person: PersonId
    appointment: AppointmentId
    school: SchoolId
    district: DistrictId
    reason: Literal["resigned", "retired", "dismissed", "died", "other"]


class QualificationAwarded(Event, frozen=True):
    """A person has been awarded a teaching qualification (教师资格)."""

    person: PersonId
    qualification: Annotated[Number, Tag("qualification")]
    stage: Stage
    subject: Name
    awarded: Day


EVENTS = (
    TeacherAppointed,
    TeacherTransferred,
    TeacherLeft,
    QualificationAwarded,
)
