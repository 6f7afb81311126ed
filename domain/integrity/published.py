"""Dated data of integrity: its terms and the conduct rules."""

from __future__ import annotations

from typing import TypeAlias

from domain.dated import listed, listed_as_evidence, published_ahead, retired_once, version_on
from domain.rule import Refused, Rule, data, too_early_if
from events.dated import Versions
from events.integrity.conduct import PROVING
from events.integrity.published import (
    CONDUCT_RULE,
    ConductRulePublished,
    ConductRuleRetired,
    IntegrityTermsPublished,
)

Terms: TypeAlias = Versions[IntegrityTermsPublished]
ConductRule: TypeAlias = Versions[ConductRulePublished]


def terms_on(terms: Terms, day: str) -> IntegrityTermsPublished:
    """Return the integrity terms in force on a day. Raises TooEarly if there are none."""
    return version_on(terms, day, "no-integrity-terms", "integrity terms")


def rule_on(rule: ConductRule, day: str) -> ConductRulePublished:
    """Return the version of a conduct rule in force on a day. Raises TooEarly if it is unknown, Refused if none is."""
    too_early_if(not rule.published, "unknown-conduct-rule", f"no conduct rule {rule.name} is known")
    found = rule.on(day)
    if found is None:
        raise Refused("conduct-rule-not-in-force", f"the conduct rule {rule.name} is not in force on {day}")
    return found


def proved_by_admissible_events(proposed: ConductRulePublished) -> None:
    """A conduct rule lists the events that prove a breach; each is of a type that may prove one.

    What records health, leave, Party life, a pledge, a campaign, or that somebody used a right, never proves a breach.
    """
    listed("events that prove a breach", proposed.evidence_kinds)
    listed_as_evidence(proposed.evidence_kinds, PROVING)


def conduct_rule_retired_once(rule: ConductRule, proposed: ConductRuleRetired) -> None:
    """A conduct rule is retired once, also before its first day."""
    retired_once(rule, "conduct rule", unknown="unknown-conduct-rule", retired="conduct-rule-retired")


RULES = (
    Rule(proved_by_admissible_events),
    Rule(conduct_rule_retired_once, data(CONDUCT_RULE)),
    published_ahead(IntegrityTermsPublished, ConductRulePublished),
)
