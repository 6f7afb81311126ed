"""Pledges and campaigns: voluntary, once each, and never part of a score."""

from __future__ import annotations

from msgspec import Struct, field

from domain.rule import Rule, ever, refuse_if
from events.fold import Fold
from events.integrity.pledges import CampaignJoined, PledgeSigned


class Joined(Struct):
    """The pledges that a person has signed and the campaigns they have joined."""

    person: str
    pledges: set[str] = field(default_factory=set)
    campaigns: set[str] = field(default_factory=set)


def joined(state: Joined, event: PledgeSigned | CampaignJoined) -> None:
    """Remember what the person has signed and joined."""
    match event:
        case PledgeSigned():
            state.pledges.add(event.pledge)
        case CampaignJoined():
            state.campaigns.add(event.campaign)


JOINED = Fold("person", Joined, joined)


def signed_once(joined: Joined, proposed: PledgeSigned) -> None:
    """A person signs a pledge once."""
    refuse_if(
        proposed.pledge in joined.pledges, "signed", f"{proposed.person} has already signed {proposed.pledge}"
    )


def joined_once(joined: Joined, proposed: CampaignJoined) -> None:
    """A person joins a campaign once."""
    refuse_if(
        proposed.campaign in joined.campaigns,
        "joined",
        f"{proposed.person} has already joined {proposed.campaign}",
    )


RULES = (Rule(signed_once, ever(JOINED)), Rule(joined_once, ever(JOINED)))
