"""Published rules of the roll, which set its deadlines."""

from __future__ import annotations

from msgspec import Struct, field

from events.roll.published import RollRulesPublished, StageTerms
from projections.read_model import ReadModel


class RollRules(Struct):
    """The stage table and the time limits in force from a day until newer rules replace them."""

    rules: str
    since: str
    stages: list[StageTerms] = field(default_factory=list)
    consent_working_days: int = 0
    leave_days: int = 0


def roll_rules(row: RollRules, event: RollRulesPublished) -> None:
    """Keep what was last published for the day."""
    row.stages = event.stages
    row.consent_working_days, row.leave_days = event.consent_working_days, event.leave_days


READ_MODELS = (ReadModel("roll-rules", "rules", RollRules, roll_rules, sort=("since",)),)
