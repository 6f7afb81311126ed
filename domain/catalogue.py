"""All rules by context: the one place that gives each rule its identity."""

from __future__ import annotations

from collections.abc import Mapping

from domain import audit, calendar, evaluation, identity, integrity, learning, projects, roll
from domain.rule import Revision, Rule

CONTEXTS: Mapping[str, tuple[Rule, ...]] = {
    "calendar": calendar.RULES,
    "identity": identity.RULES,
    "roll": roll.RULES,
    "evaluation": evaluation.RULES,
    "learning": learning.RULES,
    "projects": projects.RULES,
    "integrity": integrity.RULES,
    "audit": audit.RULES,
}

RULES: Mapping[Rule, str] = {
    rule: f"{context}.{rule.name}" for context, rules in CONTEXTS.items() for rule in rules
}
"""Every rule with its identity, such as `roll.one_live_entry`, which each refusal reports to the publisher."""

REVISIONS: tuple[Revision, ...] = (*evaluation.REVISIONS, *learning.REVISIONS, *integrity.REVISIONS)
"""How events would have been published under other rule data; used only to judge admitted events again."""
