"""Published rules, reviews and warnings, pledges and campaigns."""

from __future__ import annotations

from msgspec.structs import replace

from events.integrity.pledges import CampaignJoined, PledgeSigned
from events.integrity.published import ConductRuleRetired
from streams.scenario import at, chain, given
from tests.contexts.integrity import (
    CLEARED,
    CLOSED,
    COUNTING,
    DISMISSED,
    GIVEN,
    NOTIFIED,
    OBSERVED,
    OPENED,
    REPAIRED,
    RULE,
    TERMS,
    WARNED,
)
from tests.contexts.samples import after

RETIRED = ConductRuleRetired(rule="R1", reason="replaced", occurred_at=at("2024-02-01"))
PLEDGE = PledgeSigned(person="p", pledge="2024", school="a", occurred_at=at("2024-02-01"))
CAMPAIGN = CampaignJoined(person="p", campaign="week", school="a", occurred_at=at("2024-02-01"))


def test_a_review_from_its_opening_to_the_lifting_of_the_warning() -> None:
    chain(*COUNTING, OPENED, WARNED, CLOSED, CLEARED)
    again = replace(OPENED, review="r-2", occurred_at=at("2024-03-26"))
    chain(*COUNTING, OPENED, CLOSED, again, after([again], replace(WARNED, review="r-2")))


def test_a_rule_of_conduct_is_published_beforehand() -> None:
    late = replace(RULE, occurred_at=at("2024-01-02"))
    given().when(late).refused("retroactive")
    given(RULE, RETIRED).when(replace(RULE, since="2024-02-01")).admitted()


def test_integritys_own_events_prove_no_conduct() -> None:
    given().when(replace(RULE, evidence_kinds=[])).refused("nothing-listed")
    own = replace(RULE, evidence_kinds=["identity.AccountUnlinked", "integrity.CampaignJoined"])
    given().when(own).refused("evidence-not-admissible", "integrity.proved_by_admissible_events")


def test_a_rule_is_retired_once_also_before_its_first_day() -> None:
    given(RULE).when(RETIRED).admitted()
    given().when(RETIRED).refused("unknown-conduct-rule")
    given(RULE, RETIRED).when(RETIRED).refused("conduct-rule-retired")
    given(replace(RULE, since="2025-01-01")).when(RETIRED).admitted()


def test_only_a_crossed_threshold_opens_a_review() -> None:
    given(*COUNTING).when(OPENED).admitted()
    given(*GIVEN, OBSERVED, NOTIFIED).when(replace(OPENED, occurred_at=at("2024-03-12"))).refused(
        "below-threshold"
    )
    refused = given(*COUNTING).when(replace(OPENED, occurred_at=at("2024-06-09"))).refused("below-threshold")
    assert refused.sentence == "the score is 10.00, below 15 points"
    given(*COUNTING, replace(TERMS, review_points=21)).when(OPENED).refused("below-threshold")
    dismissed = replace(DISMISSED, occurred_at=at("2024-03-20"))
    given(*COUNTING, dismissed).when(OPENED).refused("below-threshold")
    repaired = replace(REPAIRED, occurred_at=at("2024-03-20"))
    given(*COUNTING, repaired).when(OPENED).refused("below-threshold")


def test_one_review_at_a_time() -> None:
    given(*COUNTING, OPENED).when(OPENED).refused("review-known")
    given(*COUNTING, OPENED).when(replace(OPENED, review="r-2")).refused("review-open")


def test_nobody_reviews_themselves() -> None:
    given(*COUNTING).when(replace(OPENED, reviewer="p")).refused("own-case")
    given(*COUNTING).when(replace(OPENED, reviewer="nobody")).refused("unknown-decider")


def test_a_warning_is_the_decision_of_the_reviewer_of_an_open_review() -> None:
    for decision in (WARNED, CLOSED):
        given(*COUNTING).when(decision).refused("unknown-review")
        given(*COUNTING, OPENED, CLOSED).when(after([CLOSED], decision)).refused("review-closed")
        given(*COUNTING, OPENED).when(replace(decision, by="officer")).refused("other-reviewer")
        given(*COUNTING, OPENED).when(decision).admitted()


def test_one_warning_at_a_time_stands() -> None:
    given(*COUNTING, OPENED, WARNED).when(WARNED).refused("warning-known")
    given(*COUNTING, OPENED, WARNED).when(replace(WARNED, warning="w-2")).refused("warned")
    given(*COUNTING, OPENED, WARNED, CLEARED).when(
        after([CLEARED], replace(WARNED, warning="w-2"))
    ).admitted()


def test_only_a_standing_warning_is_lifted_and_by_another() -> None:
    given(*COUNTING, OPENED).when(CLEARED).refused("unknown-warning")
    given(*COUNTING, OPENED, WARNED, CLEARED).when(CLEARED).refused("warning-cleared")
    given(*COUNTING, OPENED, WARNED).when(replace(CLEARED, by="p")).refused(
        "own-case", "integrity.cleared_by_another"
    )


def test_pledges_and_campaigns_are_joined_once() -> None:
    chain(*GIVEN, PLEDGE, CAMPAIGN, replace(PLEDGE, pledge="2025"), replace(CAMPAIGN, campaign="day"))
    given(*GIVEN, PLEDGE).when(PLEDGE).refused("signed")
    given(*GIVEN, CAMPAIGN).when(CAMPAIGN).refused("joined")


def test_pledges_and_campaigns_change_no_score() -> None:
    given(*GIVEN, PLEDGE, CAMPAIGN).when(OPENED).refused("below-threshold")
    given(*COUNTING, PLEDGE, CAMPAIGN).when(OPENED).admitted()
