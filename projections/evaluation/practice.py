"""Social practice (社会实践): practice bases, their activities, and the hours of each pupil."""

from __future__ import annotations

from msgspec import Struct, field

from events.evaluation.practice import (
    ActivityAttended,
    ActivityOpened,
    AttendanceRevoked,
    PracticeBaseClosed,
    PracticeBaseRegistered,
)
from events.evaluation.vocabulary import PracticeKind
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel


class PracticeBase(Struct):
    """A practice base (实践基地) and the number of activities that it has opened."""

    base: str
    name: str = ""
    district: str = ""
    practices: list[PracticeKind] = field(default_factory=list)
    status: str = "unknown"
    activities: int = 0


STEPS = LifeCycle(PracticeBase, {PracticeBaseRegistered: Step("open"), PracticeBaseClosed: Step("closed")})


def practice_base(
    row: PracticeBase, event: PracticeBaseRegistered | PracticeBaseClosed | ActivityOpened
) -> None:
    """Follow a base from registration to closure."""
    STEPS.follow(row, event)
    match event:
        case PracticeBaseRegistered():
            row.name, row.district, row.practices = event.name, event.district, event.practices
        case ActivityOpened():
            row.activities += 1


class PracticeActivity(Struct):
    """An activity (实践项目) of a practice base, and its number of daily attendances, less those revoked."""

    activity: str
    base: str = ""
    title: str = ""
    practice: str = ""
    semester: str = ""
    starts: str = ""
    ends: str = ""
    minutes_a_day: int = 0
    attendances: int = 0


def practice_activity(
    row: PracticeActivity, event: ActivityOpened | ActivityAttended | AttendanceRevoked
) -> None:
    """Follow an activity and count its attendances."""
    match event:
        case ActivityOpened():
            row.base, row.title, row.practice = event.base, event.title, event.practice
            row.semester, row.starts, row.ends = event.semester, event.starts, event.ends
            row.minutes_a_day = event.minutes_a_day
        case ActivityAttended():
            row.attendances += 1
        case AttendanceRevoked():
            row.attendances -= 1


class PracticeHours(Struct):
    """A pupil's minutes of one practice in a stage, by semester; evaluation terms set the required hours."""

    person: str
    stage: str
    practice: str
    minutes: int = 0
    semesters: dict[str, int] = field(default_factory=dict)


def practice_hours(row: PracticeHours, event: ActivityAttended | AttendanceRevoked) -> None:
    """Add attended minutes and subtract revoked ones."""
    change = event.minutes if isinstance(event, ActivityAttended) else -event.minutes
    row.minutes += change
    row.semesters[event.semester] = row.semesters.get(event.semester, 0) + change


READ_MODELS = (
    ReadModel(
        "practice-bases",
        "practice-base",
        PracticeBase,
        practice_base,
        anytime=(ActivityOpened,),
        filter=("district", "status"),
        sort=("name", "activities"),
    ),
    ReadModel(
        "practice-activities",
        "activity",
        PracticeActivity,
        practice_activity,
        anytime=(ActivityAttended, AttendanceRevoked),
        filter=("base", "practice", "semester"),
        sort=("starts", "ends"),
    ),
    ReadModel(
        "practice-hours",
        "person",
        PracticeHours,
        practice_hours,
        anytime=(ActivityAttended, AttendanceRevoked),
        filter=("stage", "practice"),
    ),
)
