"""Published rule data of integrity: its terms and the conduct rules."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.dated import RULES_TAG, RuleData, dated, numbered
from events.event import Day, Event, Name, Number, Tag, Text
from events.integrity.vocabulary import EventType, HalfLife, Points

ConductRuleId = Annotated[Number, Tag("conduct-rule")]


def remaining(weight: int, half_life_days: int, days: int) -> int:
    """Return what remains of a weight after some days, in hundredths of a point: it halves every half-life."""
    return int(100 * weight * 0.5 ** (max(0, days) / half_life_days) + 0.5)


class IntegrityTermsPublished(RuleData, frozen=True):
    """The integrity terms have been published: time to object, points that open a review, minimum age.

    The minimum age is never below 14: under that age, the law treats all personal data as sensitive.
    """

    since: Day
    objection_days: Annotated[int, Meta(ge=1, le=365)]
    review_points: Annotated[int, Meta(ge=1, le=100_000)]
    minimum_age: Annotated[int, Meta(ge=14, le=30)] = 14
    rules: Annotated[Literal["integrity"], RULES_TAG] = "integrity"


class ConductRulePublished(RuleData, frozen=True):
    """A conduct rule (行为规则) has been published: the weight of a breach, its half-life, and what proves it."""

    rule: ConductRuleId
    since: Day
    title: Name
    weight: Points
    half_life_days: HalfLife
    evidence_kinds: list[EventType]


class ConductRuleRetired(Event, frozen=True):
    """A conduct rule has been retired; no conduct is observed under it from that day on."""

    rule: ConductRuleId
    reason: Text


INTEGRITY_TERMS = dated(IntegrityTermsPublished, "integrity")
CONDUCT_RULE = numbered(ConductRulePublished, ConductRuleRetired)

EVENTS = (
    IntegrityTermsPublished,
    ConductRulePublished,
    ConductRuleRetired,
)
