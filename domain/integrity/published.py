"""What is published about integrity: its terms, and the rules of conduct; both are dated."""

from __future__ import annotations

from msgspec import Struct, field

from domain.dated import in_force
from domain.rule import Refused, Rule, data, refuse_if
from events.fold import Fold
from events.integrity.published import ConductRulePublished, ConductRuleRetired, IntegrityTermsPublished


class Terms(Struct):
    """The versions of the published terms."""

    name: str
    versions: list[IntegrityTermsPublished] = field(default_factory=list)

    def on(self, day: str) -> IntegrityTermsPublished:
        """Return what is in force on a day. Raises Refused where nothing is."""
        found = in_force(self.versions, day)
        if found is None:
            raise Refused("no-integrity-terms", f"no terms of integrity are in force on {day}")
        return found


def terms(state: Terms, event: IntegrityTermsPublished) -> None:
    """Keep every version; which one counts is a question of the day."""
    state.versions.append(event)


INTEGRITY_TERMS = data(Fold("rules", Terms, terms), "integrity")


class ConductRule(Struct):
    """The versions of a rule of conduct, and the day on which it was last retired."""

    rule: str
    versions: list[ConductRulePublished] = field(default_factory=list)
    retired: str = ""

    def on(self, day: str) -> ConductRulePublished:
        """Return the version in force on a day. Raises Refused where none is."""
        refuse_if(not self.versions, "unknown-conduct-rule", f"no rule of conduct {self.rule} is known")
        found = in_force(self.versions, day)
        if found is None or found.since <= self.retired <= day:
            raise Refused("conduct-rule-not-in-force", f"the rule {self.rule} is not in force on {day}")
        return found


def conduct_rule(state: ConductRule, event: ConductRulePublished | ConductRuleRetired) -> None:
    """Follow a rule of conduct; what is published after its retirement is in force again."""
    match event:
        case ConductRulePublished():
            state.versions.append(event)
        case ConductRuleRetired():
            state.retired = event.day


CONDUCT_RULE = Fold("conduct-rule", ConductRule, conduct_rule)


def published_beforehand(rule: ConductRule, proposed: ConductRulePublished) -> None:
    """A rule of conduct applies from its publication on, never to what was before."""
    refuse_if(proposed.since < proposed.day, "retroactive", f"{proposed.rule} would apply to the past")
    refuse_if(
        proposed.since == rule.retired, "retired-that-day", f"{proposed.rule} was retired on {rule.retired}"
    )


def proved_by_admissible_events(rule: ConductRule, proposed: ConductRulePublished) -> None:
    """Conduct is proved by events; pledges, campaigns and Party life, which are integrity's own, prove none."""
    refuse_if(not proposed.evidence_kinds, "evidence-not-named", "a rule of conduct names what proves it")
    barred = [each for each in proposed.evidence_kinds if each.startswith("integrity.")]
    refuse_if(barred, "evidence-not-admissible", f"no proof of conduct: {', '.join(barred)}")


def retired_when_in_force(rule: ConductRule, proposed: ConductRuleRetired) -> None:
    """Only a rule of conduct that is in force is retired."""
    rule.on(proposed.day)


RULES = (
    Rule(published_beforehand, CONDUCT_RULE),
    Rule(proved_by_admissible_events, CONDUCT_RULE),
    Rule(retired_when_in_force, CONDUCT_RULE),
)
