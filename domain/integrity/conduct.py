"""Conduct cases: observed with evidence, notified, open to objection, and only then counted."""

from __future__ import annotations

from msgspec.structs import replace

from domain.integrity.people import PERSON, Person, decided_by_another, of_age
from domain.integrity.published import ConductRule, Terms, rule_on, terms_on
from domain.integrity.record import RECORD, Conduct, Record
from domain.rule import Revision, Rule, data, ever, of, refuse_if
from events.clock import plus_days
from events.integrity.conduct import (
    ConductContested,
    ConductDismissed,
    ConductNotified,
    ConductObserved,
    ConductRepaired,
    ConductUpheld,
)
from events.integrity.published import CONDUCT_RULE, INTEGRITY_TERMS


def observed_under_rule_in_force(rule: ConductRule, proposed: ConductObserved) -> None:
    """Conduct is observed under a rule in force that day, with the rule's weight, on evidence that the rule admits."""
    version = rule_on(rule, proposed.day)
    refuse_if(
        (proposed.weight, proposed.half_life_days) != (version.weight, version.half_life_days),
        "other-weight",
        f"{rule.name} has weight {version.weight} and a half-life of {version.half_life_days} days",
    )
    refuse_if(
        proposed.evidence_kind not in version.evidence_kinds,
        "evidence-not-admissible",
        f"{rule.name} does not admit {proposed.evidence_kind} as evidence",
    )


def observed_of_age(person: Person, terms: Terms, proposed: ConductObserved) -> None:
    """Nobody below the published age, at least 14, is scored, and nobody whose age is unknown."""
    of_age(person, terms_on(terms, proposed.day).minimum_age, proposed.day)


def observed_once(record: Record, proposed: ConductObserved) -> None:
    """The same evidence proves a breach of a rule only once."""
    refuse_if(
        record.of_breach(proposed.rule, proposed.evidence),
        "evidence-used",
        f"{proposed.evidence} is already held against {proposed.person} under {proposed.rule}",
    )


def notified_with_time_to_object(record: Record, terms: Terms, proposed: ConductNotified) -> None:
    """A person is notified of a conduct case once, with at least the published time to object (异议期)."""
    conduct = live(record, proposed.conduct)
    refuse_if(
        conduct.objections_until, "notified", f"the person has already been notified of {proposed.conduct}"
    )
    refuse_if(
        proposed.day < conduct.observed, "not-yet-observed", f"the conduct was observed on {conduct.observed}"
    )
    least = plus_days(proposed.day, terms_on(terms, proposed.day).objection_days)
    refuse_if(
        proposed.objections_until < least,
        "objection-too-short",
        f"objections must be open until {least} at least",
    )


def live(record: Record, number: str) -> Conduct:
    """Return a conduct case. Raises TooEarly if it is unknown, Refused if it has been dismissed."""
    conduct = record.get(number)
    refuse_if(conduct.dismissed, "conduct-dismissed", f"{number} was dismissed on {conduct.dismissed}")
    return conduct


def contested_in_time(record: Record, proposed: ConductContested) -> None:
    """A person objects to a conduct case once, after the notification and by the deadline that it set."""
    conduct = live(record, proposed.conduct)
    refuse_if(
        not conduct.objections_until,
        "not-notified",
        f"the person has not been notified of {proposed.conduct}",
    )
    refuse_if(conduct.contested, "contested", f"{proposed.conduct} has already been contested")
    refuse_if(
        proposed.day > conduct.objections_until,
        "too-late",
        f"objections were open until {conduct.objections_until}",
    )


def upheld_when_contested(record: Record, proposed: ConductUpheld) -> None:
    """Only a contested conduct case can be upheld, and only once."""
    conduct = live(record, proposed.conduct)
    refuse_if(not conduct.contested, "not-contested", f"{proposed.conduct} is not contested")
    refuse_if(conduct.upheld, "upheld", f"{proposed.conduct} has already been upheld")


def dismissed_once(record: Record, proposed: ConductDismissed) -> None:
    """A conduct case can be dismissed at any time, once; it then no longer counts."""
    live(record, proposed.conduct)


def settled_by_another(decider: Person, proposed: ConductUpheld | ConductDismissed) -> None:
    """A registered person settles a dispute, and nobody settles their own."""
    decided_by_another(decider, proposed.person)


def repaired_when_counting(record: Record, proposed: ConductRepaired) -> None:
    """A person makes amends only for conduct that counts, and only once."""
    conduct = live(record, proposed.conduct)
    refuse_if(conduct.repaired, "repaired", f"amends for {proposed.conduct} have already been made")
    refuse_if(not conduct.counts_on(proposed.day), "not-counting", f"{proposed.conduct} does not count")


def at_the_same_school(
    record: Record, proposed: ConductContested | ConductUpheld | ConductDismissed | ConductRepaired
) -> None:
    """Each step of a conduct case names the school at which the conduct was observed."""
    school = record.get(proposed.conduct).school
    refuse_if(
        proposed.school != school, "other-school", f"the conduct was observed at {school or 'no school'}"
    )


RULES = (
    Rule(observed_under_rule_in_force, data(of(CONDUCT_RULE, "rule"))),
    Rule(observed_of_age, ever(PERSON), INTEGRITY_TERMS),
    Rule(observed_once, ever(RECORD)),
    Rule(notified_with_time_to_object, RECORD, INTEGRITY_TERMS),
    Rule(contested_in_time, RECORD),
    Rule(upheld_when_contested, RECORD),
    Rule(dismissed_once, RECORD),
    Rule(settled_by_another, ever(of(PERSON, "by"))),
    Rule(repaired_when_counting, RECORD),
    Rule(at_the_same_school, RECORD),
)


def weighed_by_its_rule(rule: ConductRule, proposed: ConductObserved) -> ConductObserved:
    """Weight and half-life are those of the rule in force that day."""
    version = rule_on(rule, proposed.day)
    return replace(proposed, weight=version.weight, half_life_days=version.half_life_days)


REVISIONS = (Revision(weighed_by_its_rule, data(of(CONDUCT_RULE, "rule"))),)
