"""Scores explained line by line, cases, warnings, and figures."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from domain.integrity.record import Record, record
from events.event import Event
from events.identity.persons import PersonsMerged, PersonsSeparated
from events.integrity.pledges import CampaignJoined, PledgeSigned
from events.integrity.published import ConductRuleRetired
from projections.integrity import score
from projections.integrity.cases import ConductCase, IntegrityReview, IntegrityWarning, Pledge
from projections.integrity.counts import Campaign, SchoolIntegrity
from projections.integrity.published import ConductRule, IntegrityTerms, Version
from projections.integrity.scores import Contribution, IntegrityScore, Line, integrity_score
from streams.scenario import at, given
from tests.contexts.integrity import (
    CLEARED,
    CLOSED,
    CONTESTED,
    COUNTING,
    DISMISSED,
    GIVEN,
    NOTIFIED,
    OBSERVED,
    OPENED,
    REPAIRED,
    RULE,
    TERMS,
    UPHELD,
    WARNED,
)
from tests.contexts.persons import registered

SECOND = replace(OBSERVED, conduct="c-2", evidence="idp#78", occurred_at=at("2024-04-01"))
SECOND_NOTIFIED = replace(
    NOTIFIED, conduct="c-2", objections_until="2024-04-20", occurred_at=at("2024-04-02")
)

MERGED = PersonsMerged(merged="m", surviving="p", id="m-1", source="centre", occurred_at=at("2024-05-01"))
SEPARATED = PersonsSeparated(separated="m", surviving="p", merge="centre#m-1", occurred_at=at("2024-05-02"))


def scored(*events: Any) -> IntegrityScore:
    row = given(*events).row("integrity-scores", "p")
    assert isinstance(row, IntegrityScore)
    return row


def because(day: str, *events: Any) -> str:
    (line,) = score(scored(*GIVEN, OBSERVED, *events), day)
    return line.because


def test_a_score_lists_every_contribution() -> None:
    row = scored(*COUNTING, SECOND, REPAIRED)
    assert row.contributions == [
        Contribution(
            "c-1",
            "R1",
            20,
            100,
            "idp#77",
            "2024-03-01",
            objections_until="2024-03-12",
            contested="2024-03-12",
            upheld="2024-03-20",
            repaired="2024-04-10",
        ),
        Contribution("c-2", "R1", 20, 100, "idp#78", "2024-04-01"),
    ]
    assert scored(*COUNTING, DISMISSED).contributions[0].dismissed == "2024-03-25"
    assert given(*GIVEN).row("integrity-scores", "p") is None


def test_a_score_is_the_sum_of_its_lines_on_a_day() -> None:
    row = scored(*COUNTING, SECOND, SECOND_NOTIFIED)
    assert row.at("2024-06-09") == {
        "score": 22.4,
        "lines": [
            {
                "conduct": "c-1",
                "rule": "R1",
                "points": 10.0,
                "because": "20 points, halved every 100 days, 100 days ago",
            },
            {
                "conduct": "c-2",
                "rule": "R1",
                "points": 12.4,
                "because": "20 points, halved every 100 days, 69 days ago",
            },
        ],
    }
    assert row.at("2024-02-28") == {"score": 0, "lines": []}


def test_each_line_says_why_it_does_not_count() -> None:
    assert because("2024-03-05") == "not notified yet"
    assert because("2024-03-12", NOTIFIED) == "open to objection until 2024-03-12"
    assert because("2024-03-13", NOTIFIED).startswith("20 points")
    assert because("2024-03-13", NOTIFIED, CONTESTED) == "contested on 2024-03-12, not decided yet"
    assert because("2024-03-19", NOTIFIED, CONTESTED, UPHELD).startswith("contested")
    assert because("2024-03-20", NOTIFIED, CONTESTED, UPHELD).startswith("20 points")
    assert because("2024-03-20", NOTIFIED, DISMISSED) == "dismissed on 2024-03-25"
    assert because("2024-04-09", NOTIFIED, REPAIRED).startswith("20 points")
    assert because("2024-04-10", NOTIFIED, REPAIRED) == "made good for on 2024-04-10"
    assert score(scored(*GIVEN, OBSERVED), "2024-03-05") == [Line("c-1", "R1", 0.0, "not notified yet")]


def test_the_rules_see_the_same_score_as_the_person() -> None:
    events = (OBSERVED, NOTIFIED, CONTESTED, UPHELD, SECOND, SECOND_NOTIFIED, REPAIRED)
    for known in range(len(events) + 1):
        judged, shown = Record("p"), IntegrityScore("p")
        for event in events[:known]:
            record(judged, event)
            integrity_score(shown, event)
        for day in ("2024-03-01", "2024-03-13", "2024-03-20", "2024-04-10", "2024-04-21", "2025-01-01"):
            assert shown.at(day)["score"] == judged.points_on(day) / 100


def test_the_score_of_merged_numbers_is_that_of_both_histories() -> None:
    second, notified = replace(SECOND, person="m"), replace(SECOND_NOTIFIED, person="m")
    repaired = replace(REPAIRED, conduct="c-2", occurred_at=at("2024-06-01"))
    before = (OBSERVED, second, notified, NOTIFIED)
    row = scored(*GIVEN, *registered("m"), *before, MERGED, repaired)
    assert [each.conduct for each in row.contributions] == ["c-1", "c-2"]
    judged, shown = Record("p"), IntegrityScore("p")
    for event in (*before, repaired):
        record(judged, event)
        integrity_score(shown, event)
    assert row == shown
    for day, points in (("2024-04-01", 16.13), ("2024-05-01", 29.35), ("2024-06-01", 10.57)):
        assert row.at(day)["score"] == judged.points_on(day) / 100 == points
    apart = scored(*GIVEN, *registered("m"), *before, MERGED, SEPARATED)
    assert [each.conduct for each in apart.contributions] == ["c-1"]


def test_one_breach_held_against_two_numbers_of_a_person_counts_once() -> None:
    again = replace(OBSERVED, person="m", conduct="c-2", occurred_at=at("2024-03-05"))
    notified = replace(NOTIFIED, person="m", conduct="c-2", occurred_at=at("2024-03-06"))
    both = (OBSERVED, NOTIFIED, again, notified)
    row = scored(*GIVEN, *registered("m"), *both, MERGED)
    first, second = score(row, "2024-06-09")
    assert (first.points, second.points, second.because) == (10.0, 0.0, "the same breach as c-1")
    judged = Record("p")
    for event in both:
        record(judged, event)
    assert judged.points_on("2024-06-09") == 1000
    assert given(*both).row("integrity-scores", "m").at("2024-06-09")["score"] > 0


def test_a_case_from_observation_to_its_end() -> None:
    case = ConductCase("p", "c-1", "observed", "R1", "a", observed="2024-03-01", since="2024-03-01")
    steps: list[tuple[Event, dict[str, Any]]] = [
        (NOTIFIED, {"status": "notified", "objections_until": "2024-03-12"}),
        (CONTESTED, {"status": "contested", "grounds": b"sealed"}),
        (UPHELD, {"status": "upheld", "decided_by": "officer"}),
        (REPAIRED, {"status": "repaired"}),
        (DISMISSED, {"status": "dismissed"}),
    ]
    history: list[Event] = [*GIVEN, OBSERVED]
    assert given(*history).row("conduct-cases", "p", "c-1") == case
    for event, changes in steps:
        history.append(event)
        case = replace(case, since=event.day, **changes)
        assert given(*history).row("conduct-cases", "p", "c-1") == case


def test_a_review_and_its_warning() -> None:
    opened = IntegrityReview("p", "r-1", "open", "judge", opened="2024-03-21")
    assert given(*COUNTING, OPENED).row("integrity-reviews", "p", "r-1") == opened
    closed = replace(opened, status="closed", closed="2024-03-24", warning="w-1")
    assert given(*COUNTING, OPENED, WARNED, CLOSED).row("integrity-reviews", "p", "r-1") == closed
    warned = IntegrityWarning(
        "p", "w-1", "standing", "r-1", issued="2024-03-22", issued_by="judge", advice=b"sealed"
    )
    assert given(*COUNTING, OPENED, WARNED).row("integrity-warnings", "p", "w-1") == warned
    cleared = replace(warned, status="cleared", cleared="2024-06-01", cleared_by="officer", reason="improved")
    assert given(*COUNTING, OPENED, WARNED, CLEARED).row("integrity-warnings", "p", "w-1") == cleared


def test_pledges_are_listed_by_person() -> None:
    signed = PledgeSigned(person="p", pledge="2024", school="a", occurred_at=at("2024-09-01"))
    assert given(signed).rows("pledges") == [Pledge("p", "2024", "a", "2024-09-01")]


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


def test_rules_of_conduct_and_terms_can_be_read() -> None:
    first = Version("2024-01-01", "Passing on an account", 20, 100, RULE.evidence_kinds)
    row = ConductRule("R1", "published", "Passing on an account", [first])
    assert given(RULE).row("conduct-rules", "R1") == row
    retired = ConductRuleRetired(rule="R1", reason="replaced", occurred_at=at("2024-02-01"))
    ended = replace(row, status="retired", retired="2024-02-01", reason="replaced")
    assert given(RULE, retired).row("conduct-rules", "R1") == ended
    anew = replace(RULE, since="2024-03-01", weight=5)
    again = given(RULE, retired, anew).row("conduct-rules", "R1")
    assert again == replace(row, versions=[first, replace(first, since="2024-03-01", weight=5)])
    assert given(TERMS).rows("integrity-terms") == [IntegrityTerms("integrity", "2024-01-01", 10, 15, 14)]
