"""What is published about integrity: its terms, and the rules of conduct; both are dated."""

from __future__ import annotations

from typing import TypeAlias

from domain.dated import version_on
from domain.rule import Refused, Rule, refuse_if, too_early_if
from events.dated import Versions
from events.integrity.published import (
    CONDUCT_RULE,
    ConductRulePublished,
    ConductRuleRetired,
    IntegrityTermsPublished,
)

Terms: TypeAlias = Versions[IntegrityTermsPublished]
ConductRule: TypeAlias = Versions[ConductRulePublished]


def terms_on(terms: Terms, day: str) -> IntegrityTermsPublished:
    """Return the terms of integrity in force on a day. Raises TooEarly if there are none."""
    return version_on(terms, day, "no-integrity-terms", "terms of integrity")


def rule_on(rule: ConductRule, day: str) -> ConductRulePublished:
    """Return the version of a rule of conduct in force on a day. Raises Refused if there is none."""
    too_early_if(not rule.published, "unknown-conduct-rule", f"no rule of conduct {rule.name} is known")
    found = rule.on(day)
    if found is None:
        raise Refused("conduct-rule-not-in-force", f"the rule {rule.name} is not in force on {day}")
    return found


def published_beforehand(rule: ConductRule, proposed: ConductRulePublished) -> None:
    """A rule of conduct applies from its publication on, never to what was before."""
    refuse_if(proposed.since < proposed.day, "retroactive", f"{proposed.rule} would apply to the past")
    refuse_if(
        proposed.since == rule.retired, "retired-that-day", f"{proposed.rule} was retired on {rule.retired}"
    )


def proved_by_admissible_events(proposed: ConductRulePublished) -> None:
    """Conduct is proved by events; pledges, campaigns and Party life, which are integrity's own, prove none."""
    refuse_if(not proposed.evidence_kinds, "evidence-not-named", "a rule of conduct names what proves it")
    barred = [each for each in proposed.evidence_kinds if each.startswith("integrity.")]
    refuse_if(barred, "evidence-not-admissible", f"no proof of conduct: {', '.join(barred)}")


def retired_when_in_force(rule: ConductRule, proposed: ConductRuleRetired) -> None:
    """Only a rule of conduct that is in force is retired."""
    rule_on(rule, proposed.day)


RULES = (
    Rule(published_beforehand, CONDUCT_RULE),
    Rule(proved_by_admissible_events),
    Rule(retired_when_in_force, CONDUCT_RULE),
)
