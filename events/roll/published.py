"""Published rule data of the roll: the stage table and the time limits."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.dated import RULES_TAG, RuleData, dated
from events.event import Day, Grade
from events.roll.vocabulary import Stage


class StageTerms(Struct, frozen=True):
    """The grades of one stage of schooling (学段), and whether attendance is compulsory (义务教育)."""

    stage: Stage
    first_grade: Grade
    last_grade: Grade
    compulsory: bool


class RollRulesPublished(RuleData, frozen=True):
    """The municipality has published the stage table and the limits of the roll, in force from a day on.

    Nobody is appointed who cannot have reached `appointment_age`, in years.
    """

    since: Day
    stages: list[StageTerms]
    consent_working_days: Annotated[int, Meta(ge=1, le=365)]
    leave_days: Annotated[int, Meta(ge=1, le=3650)]
    appointment_age: Annotated[int, Meta(ge=16, le=100)] = 18
    rules: Annotated[Literal["roll"], RULES_TAG] = "roll"


ROLL_RULES = dated(RollRulesPublished, "roll")


EVENTS = (RollRulesPublished,)
