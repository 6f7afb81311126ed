"""Published rules of conduct and terms."""

from __future__ import annotations

from msgspec.structs import replace

from events.integrity.published import ConductRuleRetired
from projections.integrity.published import ConductRule, IntegrityTerms, Version
from streams.scenario import at, given
from tests.contexts.integrity import RULE, TERMS


def test_rules_of_conduct_and_terms_can_be_read() -> None:
    first = Version("2024-01-01", "Passing on an account", 20, 100, RULE.evidence_kinds)
    row = ConductRule("R1", "published", "Passing on an account", [first])
    assert given(RULE).row("conduct-rules", "R1") == row
    retired = ConductRuleRetired(rule="R1", reason="replaced", occurred_at=at("2024-02-01"))
    over = replace(first, ended="2024-02-01")
    ended = replace(row, status="retired", retired="2024-02-01", reason="replaced", versions=[over])
    assert given(RULE, retired).row("conduct-rules", "R1") == ended
    anew = replace(RULE, since="2024-03-01", weight=5)
    again = given(RULE, retired, anew).row("conduct-rules", "R1")
    assert again == replace(row, versions=[over, replace(first, since="2024-03-01", weight=5)])
    assert given(TERMS).rows("integrity-terms") == [IntegrityTerms("integrity", "2024-01-01", 10, 15, 14)]
