"""Rules of social practice: registered bases, opened activities, attendance on their days."""

from __future__ import annotations

from msgspec import Struct, field

from domain.evaluation.standing import PUPIL, Pupil, at_school
from domain.number import new_number
from domain.rule import Rule, refuse_if, too_early_if
from events.evaluation.practice import (
    ActivityAttended,
    ActivityOpened,
    AttendanceRevoked,
    PracticeBaseClosed,
    PracticeBaseRegistered,
)
from events.evaluation.vocabulary import PracticeKind
from events.fold import Fold


class Base(Struct):
    """What a practice base offers, and whether it has closed."""

    base: str
    practices: list[PracticeKind] | None = None
    closed: bool = False


def base(state: Base, event: PracticeBaseRegistered | PracticeBaseClosed) -> None:
    """Follow a base from registration to its end; it may be registered again."""
    match event:
        case PracticeBaseRegistered():
            state.practices, state.closed = event.practices, False
        case PracticeBaseClosed():
            state.closed = True


BASE = Fold("practice-base", Base, base)


class Activity(Struct):
    """The terms of an activity."""

    activity: str
    practice: PracticeKind | None = None
    semester: str = ""
    starts: str = ""
    ends: str = ""
    minutes_a_day: int = 0


def activity(state: Activity, event: ActivityOpened) -> None:
    """Remember on what terms it was opened."""
    state.practice, state.semester = event.practice, event.semester
    state.starts, state.ends, state.minutes_a_day = event.starts, event.ends, event.minutes_a_day


ACTIVITY = Fold("activity", Activity, activity)


class Attended(Struct):
    """What one day of an activity counts, and where."""

    stage: str
    practice: PracticeKind
    semester: str
    minutes: int


class Attendance(Struct):
    """The days on which a person attended activities."""

    person: str
    activities: dict[str, dict[str, Attended]] = field(default_factory=dict)


def attendance(state: Attendance, event: ActivityAttended | AttendanceRevoked) -> None:
    """Keep the days that count."""
    days = state.activities.setdefault(event.activity, {})
    match event:
        case ActivityAttended():
            days[event.day] = Attended(event.stage, event.practice, event.semester, event.minutes)
        case AttendanceRevoked():
            days.pop(event.attended, None)
            if not days:
                del state.activities[event.activity]


ATTENDANCE = Fold("person", Attendance, attendance)


def base_registered_once(base: Base, proposed: PracticeBaseRegistered) -> None:
    """A practice base is registered once, until it closes."""
    refuse_if(
        base.practices is not None and not base.closed,
        "base-registered",
        f"{proposed.base} is registered already",
    )


def base_is_open(base: Base, proposed: PracticeBaseClosed | ActivityOpened) -> None:
    """Only a registered base opens activities, and closes."""
    too_early_if(
        base.practices is None, "unknown-practice-base", f"no practice base {proposed.base} is registered"
    )
    refuse_if(base.closed, "base-closed", f"the practice base {proposed.base} has closed")


def opened_as_registered(base: Base, proposed: ActivityOpened) -> None:
    """An activity ends no earlier than it starts, and is what its base is registered for."""
    refuse_if(proposed.ends < proposed.starts, "ends-before-it-starts", "an activity starts before it ends")
    refuse_if(
        proposed.practice not in (base.practices or ()),
        "practice-not-offered",
        f"the practice base {proposed.base} is not registered for {proposed.practice}",
    )


def attended_on_its_days(activity: Activity, proposed: ActivityAttended) -> None:
    """An attendance falls on a day of the activity, and lasts no longer than the activity does that day."""
    too_early_if(not activity.practice, "unknown-activity", f"no activity {proposed.activity} is opened")
    refuse_if(
        (proposed.practice, proposed.semester) != (activity.practice, activity.semester),
        "other-activity",
        f"{proposed.activity} is {activity.practice} in {activity.semester}",
    )
    refuse_if(
        not activity.starts <= proposed.day <= activity.ends,
        "outside-activity",
        f"{proposed.activity} lasts from {activity.starts} to {activity.ends}",
    )
    refuse_if(
        proposed.minutes > activity.minutes_a_day,
        "longer-than-activity",
        f"{proposed.activity} lasts {activity.minutes_a_day} minutes a day",
    )


def attended_once_a_day(attendance: Attendance, pupil: Pupil, proposed: ActivityAttended) -> None:
    """A pupil on the roll of the school attends an activity once a day."""
    at_school(pupil, proposed.school, proposed.district)
    refuse_if(pupil.stage != proposed.stage, "other-stage", f"the pupil's entry is in {pupil.stage}")
    refuse_if(
        proposed.day in attendance.activities.get(proposed.activity, {}),
        "attended",
        f"{proposed.activity} is attended on {proposed.day} already",
    )


def revoked_as_attended(attendance: Attendance, proposed: AttendanceRevoked) -> None:
    """What is revoked was attended, just so."""
    known = attendance.activities.get(proposed.activity, {}).get(proposed.attended)
    told = Attended(proposed.stage, proposed.practice, proposed.semester, proposed.minutes)
    too_early_if(
        known is None,
        "unknown-attendance",
        f"{proposed.activity} was not attended on {proposed.attended}, or that is revoked",
    )
    refuse_if(known != told, "other-attendance", f"the attendance of {proposed.attended} was another")


RULES = (
    Rule(base_registered_once, BASE),
    Rule(base_is_open, BASE),
    new_number(
        "activity",
        ActivityOpened,
        "activity-opened",
        name="new_activity",
        sentence="An activity has a number of its own.",
    ),
    Rule(opened_as_registered, BASE),
    Rule(attended_on_its_days, ACTIVITY),
    Rule(attended_once_a_day, ATTENDANCE, PUPIL),
    Rule(revoked_as_attended, ATTENDANCE),
)
