"""Published rule data of projects: notice and trial periods, tolerances."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.dated import RULES_TAG, RuleData, dated
from events.event import Day, Fen

HundredthsOfPercent = Annotated[int, Meta(ge=0, le=10_000, description="in hundredths of a percent")]


class ProjectRulesPublished(RuleData, frozen=True):
    """The municipality has published notice and trial periods and tolerances of projects, in force from a day on.

    All amendments of a contract together add at most `amend_percent` of its first amount (政府采购法, art. 49). From
    `tender_from` on a contract without competition states a ground; from `compare_from` on a project is compared with
    its like. Before acceptance at most `before_acceptance_percent` of a contract is spent.
    """

    since: Day
    notice_working_days: Annotated[int, Meta(ge=1, le=365)]
    trial_days: Annotated[int, Meta(ge=0, le=3650)]
    budget_tolerance: HundredthsOfPercent
    delay_tolerance_days: Annotated[int, Meta(ge=0, le=3650)]
    amend_percent: HundredthsOfPercent = 10_000
    tender_from: Fen | None = None
    compare_from: Fen | None = None
    before_acceptance_percent: HundredthsOfPercent = 10_000
    rules: Annotated[Literal["projects"], RULES_TAG] = "projects"


PROJECT_RULES = dated(ProjectRulesPublished, "projects")


EVENTS = (ProjectRulesPublished,)
