"""Published rule data of integrity: terms and rules of conduct."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.dated import RULES, RuleData, dated, numbered
from events.event import Day, Event, Name, Number, Tag, Text
from events.integrity.vocabulary import EventType, HalfLife, Points

ConductRuleId = Annotated[Number, Tag("conduct-rule")]


def remaining(weight: int, half_life_days: int, days: int) -> int:
    """Return what is left of a weight after some days, in hundredths of a point: it halves every half-life."""
    return int(100 * weight * 0.5 ** (max(0, days) / half_life_days) + 0.5)


class IntegrityTermsPublished(RuleData, frozen=True):
    """The terms of integrity have been put into force: time to object, points that open a review, least age.

    No terms may go below the age of 14, under which the law holds all data to be sensitive.
    """

    since: Day
    objection_days: Annotated[int, Meta(ge=1, le=365)]
    review_points: Annotated[int, Meta(ge=1, le=100_000)]
    minimum_age: Annotated[int, Meta(ge=14, le=30)] = 14
    rules: Annotated[Literal["integrity"], RULES] = "integrity"


class ConductRulePublished(RuleData, frozen=True):
    """A rule of conduct (行为规则) has been published: what a breach weighs, how fast that fades, what proves it."""

    rule: ConductRuleId
    since: Day
    title: Name
    weight: Points
    half_life_days: HalfLife
    evidence_kinds: list[EventType]


class ConductRuleRetired(Event, frozen=True):
    """A rule of conduct has been retired; nothing is observed under it from that day on."""

    rule: ConductRuleId
    reason: Text


INTEGRITY_TERMS = dated(IntegrityTermsPublished, "integrity")
CONDUCT_RULE = numbered(ConductRulePublished, ConductRuleRetired)

EVENTS = (
    IntegrityTermsPublished,
    ConductRulePublished,
    ConductRuleRetired,
)
