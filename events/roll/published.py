"""Published rule data of the roll: the stage table and the time limits."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.dated import RULES_TAG, RuleData, dated
from events.event import Day, Grade, Name
from events.roll.vocabulary import Stage


class StageTerms(Struct, frozen=True):
    """The grades of one stage of schooling (学段), and whether attendance is compulsory (义务教育)."""

    stage: Stage
    first_grade: Grade
    last_grade: Grade
    compulsory: bool


class EntryAge(Struct, frozen=True):
    """The age in years that a pupil must be able to reach in the year in which they enrol into a stage (入学年龄)."""

    stage: Stage
    age: Annotated[int, Meta(ge=2, le=100)]


class RollRulesPublished(RuleData, frozen=True):
    """The municipality has published the stage table and the limits of the roll, in force from a day on.

    Nobody is appointed who cannot have reached `appointment_age`, in years. A school year begins on `school_year_starts`,
    a month and a day. A transfer is carried out within `carry_out_days` of the last consent, at any time if that is null.
    What these rules say about the school year and completed stages holds from the day `gate` on, from `since` on if that is null.
    """

    since: Day
    stages: list[StageTerms]
    consent_working_days: Annotated[int, Meta(ge=1, le=365)]
    leave_days: Annotated[int, Meta(ge=1, le=3650)]
    appointment_age: Annotated[int, Meta(ge=16, le=100)] = 18
    school_year_starts: Name = "09-01"
    carry_out_days: Annotated[int, Meta(ge=1, le=365)] | None = None
    entry_age: list[EntryAge] = []
    gate: Day | None = None
    rules: Annotated[Literal["roll"], RULES_TAG] = "roll"


ROLL_RULES = dated(RollRulesPublished, "roll")


EVENTS = (RollRulesPublished,)
