"""Integrity counts, which name no person: by school and day, and by campaign and day."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct, field

from events.fold import accepted
from events.integrity.conduct import (
    ConductContested,
    ConductDismissed,
    ConductObserved,
    ConductRepaired,
    ConductUpheld,
)
from events.integrity.pledges import CampaignJoined, PledgeSigned
from projections.read_model import OfDay, ReadModel

Counted = (
    ConductObserved
    | ConductContested
    | ConductUpheld
    | ConductDismissed
    | ConductRepaired
    | PledgeSigned
    | CampaignJoined
)


class SchoolIntegrity(Struct):
    """Integrity at a school on a day: conduct by rule and by outcome, pledges signed, and campaigns joined."""

    school: str
    day: Annotated[str, OfDay()]
    observed: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)
    contested: int = 0
    upheld: int = 0
    dismissed: int = 0
    repaired: int = 0
    pledges: int = 0
    campaigns: int = 0


def school_integrity(row: SchoolIntegrity, event: Counted) -> None:
    """Count an event."""
    match event:
        case ConductObserved():
            row.observed += 1
            row.by_rule[event.rule] = row.by_rule.get(event.rule, 0) + 1
        case ConductContested():
            row.contested += 1
        case ConductUpheld():
            row.upheld += 1
        case ConductDismissed():
            row.dismissed += 1
        case ConductRepaired():
            row.repaired += 1
        case PledgeSigned():
            row.pledges += 1
        case CampaignJoined():
            row.campaigns += 1


class Campaign(Struct):
    """How many persons joined a campaign on a day, by school; the sum over all days is its participants."""

    campaign: str
    day: Annotated[str, OfDay()]
    joined: int = 0
    by_school: dict[str, int] = field(default_factory=dict)


def campaign(row: Campaign, event: CampaignJoined) -> None:
    """Count a participant."""
    row.joined += 1
    if event.school is not None:
        row.by_school[event.school] = row.by_school.get(event.school, 0) + 1


READ_MODELS = (
    ReadModel(
        "integrity-by-school",
        "school",
        SchoolIntegrity,
        school_integrity,
        anytime=accepted(school_integrity),
        filter=("day",),
        sort=("day",),
    ),
    ReadModel(
        "campaigns",
        "campaign",
        Campaign,
        campaign,
        anytime=(CampaignJoined,),
        filter=("day",),
        sort=("day",),
    ),
)
