"""Off-campus social practice (校外社会实践): bases, their activities, and attendance."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from events.evaluation.vocabulary import PracticeKind, Sealed, Semester
from events.event import Day, District, Event, Name, Number, PersonId, Tag, Text
from events.roll.vocabulary import Stage

BaseId = Annotated[Number, Tag("practice-base")]
ActivityId = Annotated[Number, Tag("activity")]
Minutes = Annotated[int, Meta(ge=1, le=1440, description="minutes on one day")]


class PracticeBaseRegistered(Event, frozen=True):
    """A museum, company, community or other place has been registered as a practice base (实践基地)."""

    base: BaseId
    name: Name
    district: District
    practices: list[PracticeKind]


class PracticeBaseClosed(Event, frozen=True):
    """A practice base has closed; it opens no more activities."""

    base: BaseId
    reason: Text


class ActivityOpened(Event, frozen=True):
    """A practice base has opened an activity to pupils (实践项目), between two days of a semester."""

    activity: ActivityId
    base: BaseId
    title: Name
    practice: PracticeKind
    semester: Semester
    starts: Day
    ends: Day
    minutes_a_day: Minutes


class ActivityAttended(Event, frozen=True):
    """A pupil has attended an activity, for some minutes of the day on which the event occurred."""

    person: PersonId
    activity: ActivityId
    school: Number
    district: District
    stage: Stage
    practice: PracticeKind
    semester: Semester
    minutes: Minutes


class AttendanceRevoked(Event, frozen=True):
    """An attendance recorded in error has been revoked; the correct one may be recorded afterwards."""

    person: PersonId
    activity: ActivityId
    stage: Stage
    practice: PracticeKind
    semester: Semester
    attended: Day
    minutes: Minutes
    reason: Sealed


EVENTS = (
    PracticeBaseRegistered,
    PracticeBaseClosed,
    ActivityOpened,
    ActivityAttended,
    AttendanceRevoked,
)
