"""Published rules of the roll."""

from __future__ import annotations

from msgspec.structs import replace

from events.roll.published import RollRulesPublished, StageTerms
from projections.roll.published import RollRules
from streams.scenario import at, given


def test_roll_rules_are_those_published_last_for_a_day() -> None:
    stages = [StageTerms("primary", 1, 5, compulsory=True)]
    first = RollRulesPublished(
        since="2000-01-01",
        stages=stages,
        consent_working_days=10,
        leave_days=365,
        occurred_at=at("1999-12-01"),
    )
    again = replace(first, leave_days=730)
    row = given(first, again).row("roll-rules", "roll", "2000-01-01")
    assert row == RollRules("roll", "2000-01-01", stages, 10, 730, 18, "09-01")
