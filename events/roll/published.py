"""Published rule data of the roll: the stage table and the time limits."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.event import Day, Event, Grade, Tag
from events.roll.vocabulary import Stage

RuleData = Annotated[Literal["roll"], Tag("rules")]


class StageTerms(Struct, frozen=True):
    """The grades of one stage of schooling (学段), and whether attendance is compulsory (义务教育)."""

    stage: Stage
    first_grade: Grade
    last_grade: Grade
    compulsory: bool


class RollRulesPublished(Event, frozen=True):
    """The municipality has put stage table and time limits of the roll into force from a day on."""

    since: Day
    stages: list[StageTerms]
    consent_working_days: Annotated[int, Meta(ge=1, le=365)]
    leave_days: Annotated[int, Meta(ge=1, le=3650)]
    holidays: list[Day] = []
    rules: RuleData = "roll"


EVENTS = (RollRulesPublished,)
