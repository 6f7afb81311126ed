"""All rules, by context."""

from __future__ import annotations

from collections.abc import Mapping

from domain import audit, evaluation, identity, integrity, learning, projects, roll
from domain.rule import Revision, Rule

CONTEXTS: Mapping[str, tuple[Rule, ...]] = {
    "identity": identity.RULES,
    "roll": roll.RULES,
    "evaluation": evaluation.RULES,
    "learning": learning.RULES,
    "projects": projects.RULES,
    "integrity": integrity.RULES,
    "audit": audit.RULES,
}

RULES: tuple[Rule, ...] = tuple(rule for rules in CONTEXTS.values() for rule in rules)

REVISIONS: tuple[Revision, ...] = (*evaluation.REVISIONS, *learning.REVISIONS, *integrity.REVISIONS)
"""How events would have been published under other rule data: used only where admitted events are judged again."""
