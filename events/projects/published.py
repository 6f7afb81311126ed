"""Published rule data of projects: notice and trial periods, tolerances."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.dated import RULES_TAG, RuleData, dated
from events.event import Day


class ProjectRulesPublished(RuleData, frozen=True):
    """The municipality has published notice and trial periods and tolerances of projects, in force from a day on."""

    since: Day
    notice_working_days: Annotated[int, Meta(ge=1, le=365)]
    trial_days: Annotated[int, Meta(ge=0, le=3650)]
    budget_tolerance: Annotated[int, Meta(ge=0, le=10_000, description="in hundredths of a percent")]
    delay_tolerance_days: Annotated[int, Meta(ge=0, le=3650)]
    rules: Annotated[Literal["projects"], RULES_TAG] = "projects"


PROJECT_RULES = dated(ProjectRulesPublished, "projects")


EVENTS = (ProjectRulesPublished,)
