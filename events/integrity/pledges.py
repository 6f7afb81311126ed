"""Pledges and campaigns."""

from __future__ import annotations

from typing import Annotated

from events.event import Event, Number, PersonId, SchoolId, Tag

CampaignId = Annotated[Number, Tag("campaign")]


class PledgeSigned(Event, frozen=True):
    """A person has signed a pledge of honest conduct online (诚信上网承诺)."""

    person: PersonId
    pledge: Number
    school: SchoolId | None = None


class CampaignJoined(Event, frozen=True):
    """A person has joined an online culture campaign (网络文化活动)."""

    person: PersonId
    campaign: CampaignId
    school: SchoolId | None = None


EVENTS = (
    PledgeSigned,
    CampaignJoined,
)
