"""Online integrity (网络诚信): observed conduct, objection, review and early warning; pledges, campaigns (plan, 九(3))."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import Cites, Day, Event, Name, Number, Personal, PersonId, SchoolId, Tag, Text

ConductRuleId = Annotated[Number, Tag("conduct-rule")]
ConductId = Annotated[Number, Tag("conduct")]
ReviewId = Annotated[Number, Tag("review")]
WarningId = Annotated[Number, Tag("warning")]
CampaignId = Annotated[Number, Tag("campaign")]
TermsData = Annotated[Literal["integrity"], Tag("rules")]
Points = Annotated[int, Meta(ge=1, le=100, description="weight of a conduct, in points")]
HalfLife = Annotated[int, Meta(ge=1, le=3650, description="days in which what is left of a weight halves")]
EventType = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=r"^[a-z]+\.[A-Z][A-Za-z]*$",
        description="the type of an event, security.IncidentReported",
    ),
]
Evidence = Annotated[str, Cites(kind="evidence_kind"), Meta(max_length=512)]


def remaining(weight: int, half_life_days: int, days: int) -> int:
    """Return what is left of a weight after some days, in hundredths of a point: it halves every half-life."""
    return int(100 * weight * 0.5 ** (max(0, days) / half_life_days) + 0.5)


class IntegrityTermsPublished(Event, frozen=True):
    """The terms of integrity have been put into force: time to object, points that open a review, least age.

    No terms may go below the age of 14, under which the law holds all data to be sensitive.
    """

    since: Day
    objection_days: Annotated[int, Meta(ge=1, le=365)]
    review_points: Annotated[int, Meta(ge=1, le=100_000)]
    minimum_age: Annotated[int, Meta(ge=14, le=30)] = 14
    rules: TermsData = "integrity"


class ConductRulePublished(Event, frozen=True):
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


class ConductObserved(Event, frozen=True):
    """Conduct of a person against a rule has been observed (失信行为), with the event in the log that proves it."""

    person: PersonId
    conduct: ConductId
    rule: Number
    weight: Points
    half_life_days: HalfLife
    evidence: Evidence
    evidence_kind: EventType
    school: SchoolId | None = None


class ConductNotified(Event, frozen=True):
    """The person has been told of an observed conduct, and until when to object (告知)."""

    person: PersonId
    conduct: ConductId
    objections_until: Day


class ConductContested(Event, frozen=True):
    """The person has objected to an observed conduct (异议); until decided it does not count."""

    person: PersonId
    conduct: ConductId
    grounds: Annotated[bytes, Personal(of="person")] | None = None
    school: SchoolId | None = None


class ConductUpheld(Event, frozen=True):
    """A contested conduct has been found to be true."""

    person: PersonId
    conduct: ConductId
    by: Number
    school: SchoolId | None = None


class ConductDismissed(Event, frozen=True):
    """An observed conduct has been dismissed (撤销); it never counts again."""

    person: PersonId
    conduct: ConductId
    by: Number
    reason: Literal["not-proven", "not-theirs", "rule-misread", "excused"]
    school: SchoolId | None = None


class ConductRepaired(Event, frozen=True):
    """The person has made good for a conduct (信用修复), which counts no longer from that day on."""

    person: PersonId
    conduct: ConductId
    how: Literal["apology", "restitution", "training", "service"]
    school: SchoolId | None = None


class IntegrityReviewOpened(Event, frozen=True):
    """A score has reached the points at which a person looks at it: the reviewer, who alone may see it."""

    person: PersonId
    review: ReviewId
    reviewer: Number


class IntegrityReviewClosed(Event, frozen=True):
    """The reviewer has ended a review, with a warning or without."""

    person: PersonId
    review: ReviewId
    by: Number


class IntegrityWarningIssued(Event, frozen=True):
    """The reviewer has decided to warn the person (诚信预警)."""

    person: PersonId
    warning: WarningId
    review: ReviewId
    by: Number
    advice: Annotated[bytes, Personal(of="person")] | None = None


class IntegrityWarningCleared(Event, frozen=True):
    """A warning has been lifted (解除预警)."""

    person: PersonId
    warning: WarningId
    by: Number
    reason: Literal["improved", "mistaken", "lapsed"]


class PledgeSigned(Event, frozen=True):
    """A person has signed a pledge to use the network honestly (诚信上网承诺)."""

    person: PersonId
    pledge: Number
    school: SchoolId | None = None


class CampaignJoined(Event, frozen=True):
    """A person has joined a campaign of network culture (网络文化活动)."""

    person: PersonId
    campaign: CampaignId
    school: SchoolId | None = None


EVENTS = (
    IntegrityTermsPublished,
    ConductRulePublished,
    ConductRuleRetired,
    ConductObserved,
    ConductNotified,
    ConductContested,
    ConductUpheld,
    ConductDismissed,
    ConductRepaired,
    IntegrityReviewOpened,
    IntegrityReviewClosed,
    IntegrityWarningIssued,
    IntegrityWarningCleared,
    PledgeSigned,
    CampaignJoined,
)
