"""Scores, explained line by line, and equal to what rules compute."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from domain.integrity.record import Record, record
from events.identity.persons import PersonsMerged, PersonsSeparated
from projections.integrity import score
from projections.integrity.scores import Contribution, IntegrityScore, Line, Warned, integrity_score
from streams.scenario import at, chain, given
from tests.contexts.integrity import (
    CLEARED,
    CONTESTED,
    COUNTING,
    DISMISSED,
    GIVEN,
    NOTIFIED,
    OBSERVED,
    OPENED,
    REPAIRED,
    RULE,
    SECOND,
    TERMS,
    UPHELD,
    WARNED,
)
from tests.contexts.persons import registered

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


HALVED = 180
CASE = (
    *GIVEN[:-2],
    replace(TERMS, objection_days=7),
    replace(RULE, half_life_days=HALVED),
    replace(OBSERVED, half_life_days=HALVED),
    replace(NOTIFIED, objections_until="2024-03-09"),
    replace(OPENED, occurred_at=at("2024-03-10")),
    replace(WARNED, occurred_at=at("2024-03-11")),
)
"""A case of 20 points, halved in 180 days, open to objection until 9 March, with a review and a warning."""
TAKEN_BACK = replace(DISMISSED, occurred_at=at("2024-03-12"))


def test_a_warning_is_baseless_as_soon_as_no_case_of_its_review_stands() -> None:
    before, after = (
        chain(*CASE).row("integrity-scores", "p"),
        chain(*CASE, TAKEN_BACK).row("integrity-scores", "p"),
    )
    assert [before.at(day)["score"] for day in ("2024-03-09", "2024-03-10")] == [0, 19.32]
    assert before.warnings == [Warned("w-1", ["c-1"], "2024-03-11")]
    assert after.at("2024-03-12")["score"] == 0
    assert after.warnings == [Warned("w-1", ["c-1"], "2024-03-11", baseless="2024-03-12")]
    cleared = replace(CLEARED, reason="mistaken", occurred_at=at("2024-03-13"))
    lifted = chain(*CASE, TAKEN_BACK, cleared).row("integrity-scores", "p")
    assert lifted.warnings == [Warned("w-1", ["c-1"], "2024-03-11", "2024-03-12", "2024-03-13")]


def test_a_warning_stands_while_one_of_its_cases_does() -> None:
    another = replace(OBSERVED, conduct="c-2", half_life_days=HALVED, evidence="idp#78")
    told = replace(NOTIFIED, conduct="c-2", objections_until="2024-03-09")
    row = chain(*CASE[:-2], another, told, *CASE[-2:], TAKEN_BACK).row("integrity-scores", "p")
    assert row.warnings == [Warned("w-1", ["c-1", "c-2"], "2024-03-11")]
