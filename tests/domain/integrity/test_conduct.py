"""Conduct: observed under a rule, notified, open to objection, and only then counted."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from domain.integrity.record import Conduct
from events.event import Event
from events.identity.persons import PersonDetailsCorrected, PersonRegistered, PersonsMerged
from events.integrity.published import ConductRuleRetired, remaining
from streams.scenario import at, chain, given
from tests.contexts.integrity import (
    CONTESTED,
    COUNTING,
    DISMISSED,
    GIVEN,
    NOTIFIED,
    OBSERVED,
    PUPIL,
    REPAIRED,
    RULE,
    TERMS,
    UPHELD,
)
from tests.contexts.persons import registered
from tests.contexts.samples import after

RETIRED = ConductRuleRetired(rule="R1", reason="replaced", occurred_at=at("2024-02-01"))
OFFICERS = registered("officer", "judge")


def test_conduct_from_observation_to_repair() -> None:
    chain(*COUNTING, REPAIRED)
    chain(*COUNTING, DISMISSED)
    chain(*GIVEN, OBSERVED, NOTIFIED, replace(REPAIRED, occurred_at=at("2024-03-13")))


def test_conduct_is_observed_under_a_rule_in_force() -> None:
    given(PUPIL, TERMS).when(OBSERVED).refused("unknown-conduct-rule")
    given(*GIVEN).when(replace(OBSERVED, occurred_at=at("2023-12-31"))).refused("conduct-rule-not-in-force")
    given(*GIVEN, RETIRED).when(OBSERVED).refused("conduct-rule-not-in-force")
    earlier = replace(OBSERVED, occurred_at=at("2024-01-31"))
    given(*GIVEN, RETIRED).when(earlier).admitted()
    anew = replace(RULE, since="2024-02-20")
    given(*GIVEN, RETIRED, after([RETIRED], anew)).when(OBSERVED).admitted()


def test_conduct_weighs_what_its_rule_says() -> None:
    given(*GIVEN).when(replace(OBSERVED, weight=21)).refused("other-weight")
    given(*GIVEN).when(replace(OBSERVED, half_life_days=99)).refused("other-weight")
    lighter = replace(RULE, since="2024-02-20", weight=5)
    given(*GIVEN, lighter).when(OBSERVED).refused("other-weight")
    given(*GIVEN, lighter).when(replace(OBSERVED, weight=5)).admitted()


def test_conduct_is_proved_by_what_its_rule_admits() -> None:
    other = replace(OBSERVED, evidence_kind="roll.StudentLeft")
    given(*GIVEN).when(other).refused("evidence-not-admissible", "integrity.observed_under_rule_in_force")


@pytest.mark.parametrize(
    "born, day, code",
    [
        (2009, "2024-03-01", None),
        (2010, "2024-12-31", "too-young"),
        (2010, "2025-01-01", None),
        (None, "2024-03-01", "unknown-age"),
    ],
)
def test_nobody_who_may_be_under_14_is_scored(born: int | None, day: str, code: str | None) -> None:
    pupil = replace(PUPIL, birth_year=born)
    judged = given(pupil, TERMS, RULE).when(replace(OBSERVED, occurred_at=at(day)))
    judged.refused(code, "integrity.observed_of_age") if code else judged.admitted()


def test_an_age_may_be_corrected_and_terms_may_demand_more() -> None:
    corrected = PersonDetailsCorrected(person="p", birth_year=2012)
    given(*GIVEN, corrected).when(OBSERVED).refused("too-young")
    kept = PersonDetailsCorrected(person="p", name=b"new")
    given(*GIVEN, kept).when(OBSERVED).admitted()
    given(*GIVEN, replace(TERMS, minimum_age=16)).when(OBSERVED).refused("too-young")
    given(PUPIL, RULE).when(OBSERVED).refused("no-integrity-terms")


def test_the_age_of_a_merged_number_does_not_count() -> None:
    other = PersonRegistered(person="m", name=b"sealed", birth_year=1980)
    child = replace(PUPIL, birth_year=2015)
    merged = PersonsMerged(merged="m", surviving="p")
    given(child, other, merged, TERMS, RULE).when(OBSERVED).refused("too-young")


def test_one_conduct_is_recorded_once() -> None:
    given(*GIVEN, OBSERVED).when(replace(OBSERVED, evidence="idp#78")).refused("conduct-recorded")
    given(*GIVEN, OBSERVED).when(replace(OBSERVED, conduct="c-2")).refused("evidence-used")
    given(*GIVEN, OBSERVED).when(replace(OBSERVED, conduct="c-2", evidence="idp#78")).admitted()


def test_a_number_of_a_conduct_is_given_once_whoever_the_person() -> None:
    other = replace(PUPIL, person="m")
    theirs = replace(OBSERVED, person="m", evidence="idp#78")
    given(*GIVEN, other, OBSERVED).when(theirs).refused("conduct-recorded", "integrity.conduct_numbered")
    given(*GIVEN, other, OBSERVED).when(replace(theirs, conduct="c-2")).admitted()


def test_conduct_of_merged_numbers_is_one_record() -> None:
    other, theirs = replace(PUPIL, person="m"), replace(OBSERVED, person="m", conduct="c-2")
    merged = PersonsMerged(merged="m", surviving="p")
    notified = replace(NOTIFIED, conduct="c-2")
    apart = replace(theirs, evidence="idp#78")
    given(*GIVEN, other, apart, merged).when(notified).admitted()
    repaired = replace(REPAIRED, conduct="c-2")
    given(*GIVEN, other, apart, merged, notified).when(repaired).admitted()
    twice = given(*GIVEN, other, OBSERVED, NOTIFIED, theirs, merged, notified)
    twice.when(repaired).refused("not-counting")
    twice.when(REPAIRED).admitted()
    twice.when(replace(theirs, person="p", conduct="c-3")).refused("evidence-used")


def test_a_notice_leaves_the_published_time_to_object() -> None:
    given(*GIVEN, OBSERVED).when(NOTIFIED).admitted()
    short = replace(NOTIFIED, objections_until="2024-03-11")
    given(*GIVEN, OBSERVED).when(short).refused("objection-too-short")
    given(*GIVEN, OBSERVED, NOTIFIED).when(NOTIFIED).refused("notified")
    early = replace(NOTIFIED, occurred_at=at("2024-02-29"))
    given(*GIVEN, OBSERVED).when(early).refused("unknown-conduct")


@pytest.mark.parametrize("event", [NOTIFIED, CONTESTED, UPHELD, DISMISSED, REPAIRED])
def test_nothing_becomes_of_conduct_that_is_unknown_or_dismissed(event: Event) -> None:
    given(*GIVEN).when(event).refused("unknown-conduct")
    given(*GIVEN, OBSERVED, NOTIFIED, DISMISSED).when(after([DISMISSED], event)).refused("conduct-dismissed")


def test_an_objection_comes_once_and_in_time() -> None:
    given(*GIVEN, OBSERVED).when(CONTESTED).refused("not-notified")
    given(*GIVEN, OBSERVED, NOTIFIED).when(CONTESTED).admitted()
    late = replace(CONTESTED, occurred_at=at("2024-03-13"))
    given(*GIVEN, OBSERVED, NOTIFIED).when(late).refused("too-late")
    given(*GIVEN, OBSERVED, NOTIFIED, CONTESTED).when(CONTESTED).refused("contested")


def test_only_disputed_conduct_is_upheld_and_once() -> None:
    given(*GIVEN, OBSERVED, NOTIFIED).when(UPHELD).refused("not-contested")
    given(*COUNTING).when(UPHELD).refused("upheld")


@pytest.mark.parametrize("decision", [UPHELD, DISMISSED])
def test_disputes_are_settled_by_another_person(decision: Event) -> None:
    history = given(*GIVEN, OBSERVED, NOTIFIED, CONTESTED)
    history.when(decision).admitted()
    history.when(replace(decision, by="p")).refused("own-case", "integrity.settled_by_another")
    history.when(replace(decision, by="nobody")).refused("unknown-decider", "integrity.settled_by_another")


def test_only_conduct_that_counts_is_made_good_for() -> None:
    given(*GIVEN, OBSERVED).when(REPAIRED).refused("not-counting")
    given(*GIVEN, OBSERVED, NOTIFIED, CONTESTED).when(REPAIRED).refused("not-counting")
    on_the_last_day = replace(REPAIRED, occurred_at=at("2024-03-12"))
    given(*GIVEN, OBSERVED, NOTIFIED).when(on_the_last_day).refused("not-counting")
    given(*COUNTING, REPAIRED).when(REPAIRED).refused("repaired")


@pytest.mark.parametrize("event", [CONTESTED, UPHELD, DISMISSED])
def test_what_becomes_of_conduct_is_told_for_its_school(event: Event) -> None:
    history = given(*GIVEN, OBSERVED, NOTIFIED, *([CONTESTED] if event is UPHELD else []))
    history.when(replace(event, school="b")).refused("other-school")
    history.when(replace(event, school=None)).refused("other-school")
    given(*COUNTING).when(replace(REPAIRED, school="b")).refused("other-school")


def test_conduct_counts_after_the_time_to_object_unless_it_is_in_dispute_or_made_good() -> None:
    told = Conduct("R1", 20, 100, "idp#77", "a", "2024-03-01", objections_until="2024-03-12")
    assert not told.counts_on("2024-03-12")
    assert told.counts_on("2024-03-13")
    assert not replace(told, contested="2024-03-10").counts_on("2024-03-13")
    settled = replace(told, contested="2024-03-10", upheld="2024-03-20")
    assert not settled.counts_on("2024-03-19")
    assert settled.counts_on("2024-03-20")
    assert not replace(settled, repaired="2024-04-01").counts_on("2024-04-01")
    assert not replace(settled, dismissed="2024-04-01").counts_on("2024-03-25")


def test_a_weight_halves_every_half_life() -> None:
    assert [remaining(20, 100, days) for days in (-5, 0, 100, 200, 50)] == [2000, 2000, 1000, 500, 1414]
