"""Rules of social practice: registered bases, the activities that they open, and attendance."""

from __future__ import annotations

from msgspec import Struct, field

from domain.evaluation.published import Terms
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
from events.evaluation.published import EVALUATION_TERMS
from events.evaluation.vocabulary import PracticeKind
from events.fold import Fold


class Base(Struct):
    """The practices that a base offers, and whether it has closed."""

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
    """Remember the terms on which the activity was opened."""
    state.practice, state.semester = event.practice, event.semester
    state.starts, state.ends, state.minutes_a_day = event.starts, event.ends, event.minutes_a_day


ACTIVITY = Fold("activity", Activity, activity)


class Attended(Struct):
    """The minutes of one day of an activity, and the stage, practice and semester for which they count."""

    stage: str
    practice: PracticeKind
    semester: str
    minutes: int


class Attendance(Struct):
    """The days on which a person attended each activity."""

    person: str
    activities: dict[str, dict[str, Attended]] = field(default_factory=dict)


def attendance(state: Attendance, event: ActivityAttended | AttendanceRevoked) -> None:
    """Keep each attendance that is not revoked."""
    days = state.activities.setdefault(event.activity, {})
    match event:
        case ActivityAttended():
            days[event.day] = Attended(event.stage, event.practice, event.semester, event.minutes)
        case AttendanceRevoked():
            days.pop(event.attended, None)
            if not days:
                del state.activities[event.activity]


ATTENDANCE = Fold("person", Attendance, attendance, steps=True)


def base_registered_once(base: Base, proposed: PracticeBaseRegistered) -> None:
    """A practice base is registered once, unless it has closed."""
    refuse_if(
        base.practices is not None and not base.closed,
        "base-registered",
        f"the practice base {proposed.base} is already registered",
    )


def base_is_open(base: Base, proposed: PracticeBaseClosed | ActivityOpened) -> None:
    """Only a registered, open base can open an activity or close."""
    too_early_if(
        base.practices is None, "unknown-practice-base", f"no practice base {proposed.base} is registered"
    )
    refuse_if(base.closed, "base-closed", f"the practice base {proposed.base} has closed")


def opened_as_registered(base: Base, proposed: ActivityOpened) -> None:
    """An activity ends no earlier than it starts or is opened, and its practice is one that the base is registered for."""
    refuse_if(proposed.ends < proposed.starts, "ends-before-it-starts", "the activity ends before it starts")
    refuse_if(
        proposed.ends < proposed.day,
        "activity-over",
        f"the activity ended on {proposed.ends}, before it was opened",
    )
    refuse_if(
        proposed.practice not in (base.practices or ()),
        "practice-not-offered",
        f"the practice base {proposed.base} is not registered for {proposed.practice}",
    )


def attended_on_its_days(activity: Activity, proposed: ActivityAttended) -> None:
    """An attendance falls on a day of the activity, and lasts no longer than the activity does on that day."""
    too_early_if(
        not activity.practice, "unknown-activity", f"no activity {proposed.activity} has been opened"
    )
    refuse_if(
        (proposed.practice, proposed.semester) != (activity.practice, activity.semester),
        "other-activity",
        f"the activity {proposed.activity} is {activity.practice} in {activity.semester}",
    )
    refuse_if(
        not activity.starts <= proposed.day <= activity.ends,
        "outside-activity",
        f"the activity {proposed.activity} lasts from {activity.starts} to {activity.ends}",
    )
    refuse_if(
        proposed.minutes > activity.minutes_a_day,
        "longer-than-activity",
        f"the activity {proposed.activity} lasts {activity.minutes_a_day} minutes a day",
    )


def attended_once_a_day(attendance: Attendance, pupil: Pupil, proposed: ActivityAttended) -> None:
    """A pupil on the roll of the school attends an activity once a day."""
    at_school(pupil, proposed.school, proposed.district)
    refuse_if(
        pupil.entry.stage != proposed.stage,
        "other-stage",
        f"the pupil's roll entry is in {pupil.entry.stage}",
    )
    refuse_if(
        proposed.day in attendance.activities.get(proposed.activity, {}),
        "attended",
        f"attendance of {proposed.activity} on {proposed.day} is already recorded",
    )


def a_day_has_so_many_minutes(attendance: Attendance, terms: Terms, proposed: ActivityAttended) -> None:
    """A pupil attends all activities of a day together for no longer than the published minutes."""
    found = terms.on(proposed.day)
    same_day = [days[proposed.day].minutes for days in attendance.activities.values() if proposed.day in days]
    total = sum(same_day) + proposed.minutes
    refuse_if(
        found is not None and total > found.minutes_a_day,
        "too-long-a-day",
        f"{total} minutes on {proposed.day} are more than the published minutes of a day",
    )


def revoked_as_attended(attendance: Attendance, proposed: AttendanceRevoked) -> None:
    """A revocation names an attendance of a day that has come, exactly as it was recorded."""
    refuse_if(
        proposed.attended > proposed.day,
        "attended-later",
        f"the attendance is of {proposed.attended}, after its revocation on {proposed.day}",
    )
    known = attendance.activities.get(proposed.activity, {}).get(proposed.attended)
    revoked = Attended(proposed.stage, proposed.practice, proposed.semester, proposed.minutes)
    too_early_if(
        known is None,
        "unknown-attendance",
        f"no attendance of {proposed.activity} on {proposed.attended} stands",
    )
    refuse_if(
        known != revoked,
        "other-attendance",
        f"the attendance on {proposed.attended} was recorded differently",
    )


RULES = (
    Rule(base_registered_once, BASE),
    Rule(base_is_open, BASE),
    new_number(
        "activity",
        ActivityOpened,
        "activity-opened",
        name="new_activity",
        sentence="An activity number is assigned only once.",
    ),
    Rule(opened_as_registered, BASE),
    Rule(attended_on_its_days, ACTIVITY),
    Rule(attended_once_a_day, ATTENDANCE, PUPIL),
    Rule(a_day_has_so_many_minutes, ATTENDANCE, EVALUATION_TERMS),
    Rule(revoked_as_attended, ATTENDANCE),
)
