"""Counts by school and by campaign, without names."""

from __future__ import annotations

from msgspec.structs import replace

from events.integrity.pledges import CampaignJoined, PledgeSigned
from projections.integrity.counts import Campaign, SchoolIntegrity
from streams.scenario import at, given
from tests.contexts.integrity import CONTESTED, DISMISSED, OBSERVED, REPAIRED, SECOND, UPHELD


def test_a_school_sees_what_happened_on_a_day_and_no_names() -> None:
    day = at("2024-03-01")
    history = (
        OBSERVED,
        replace(SECOND, school=None, occurred_at=day),
        replace(CONTESTED, occurred_at=day),
        replace(UPHELD, occurred_at=day),
        replace(DISMISSED, occurred_at=day),
        replace(REPAIRED, occurred_at=day),
        PledgeSigned(person="p", pledge="2024", school="a", occurred_at=day),
        CampaignJoined(person="p", campaign="week", school="a", occurred_at=day),
    )
    assert given(*history).rows("integrity-by-school") == [
        SchoolIntegrity("a", "2024-03-01", 1, {"R1": 1}, 1, 1, 1, 1, pledges=1, campaigns=1)
    ]


def test_a_campaign_counts_who_joins() -> None:
    joined = CampaignJoined(person="p", campaign="week", school="a", occurred_at=at("2024-09-01"))
    history = (joined, replace(joined, person="q"), replace(joined, person="t", school=None))
    assert given(*history).rows("campaigns") == [Campaign("week", "2024-09-01", 3, {"a": 2})]
