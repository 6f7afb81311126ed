"""Published rules of the roll, which set its deadlines."""

from __future__ import annotations

from msgspec import Struct, field

from events.roll.published import EntryAge, RollRulesPublished, StageTerms
from projections.read_model import ReadModel


class RollRules(Struct):
    """The stage table and the time limits in force from a day until newer rules replace them."""

    rules: str
    since: str
    stages: list[StageTerms] = field(default_factory=list)
    consent_working_days: int = 0
    leave_days: int = 0
    appointment_age: int = 0
    school_year_starts: str = ""
    carry_out_days: int | None = None
    entry_age: list[EntryAge] = field(default_factory=list)
    gate: str | None = None


def roll_rules(row: RollRules, event: RollRulesPublished) -> None:
    """Keep what was last published for the day."""
    row.stages = event.stages
    row.consent_working_days, row.leave_days = event.consent_working_days, event.leave_days
    row.appointment_age, row.carry_out_days = event.appointment_age, event.carry_out_days
    row.school_year_starts, row.entry_age, row.gate = event.school_year_starts, event.entry_age, event.gate


READ_MODELS = (ReadModel("roll-rules", "rules", RollRules, roll_rules, sort=("since",)),)
