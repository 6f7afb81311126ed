"""One person one number (一人一号)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.persons import (
    DocumentAdded,
    PersonDetailsCorrected,
    PersonRegistered,
    PersonsMerged,
    PersonsSeparated,
)
from events.roll.pupils import StudentEnrolled
from streams.scenario import at, chain, given
from tests.contexts.identity import FEDERATION, LINKED, LOGIN, MERGED, SCHOOLING, TRUSTED
from tests.contexts.persons import registered

REGISTERED = PersonRegistered(person="n", name=b"sealed", document="hash-1", birth_year=2010)
ADDED = DocumentAdded(person="p", document="hash-2", kind="passport")
CORRECTED = PersonDetailsCorrected(person="p", name=b"sealed anew")
SEPARATED = PersonsSeparated(separated="p", surviving="q", merge="centre#m-1")


def test_a_life_under_one_number() -> None:
    chain(
        *registered("p", "q"),
        ADDED,
        replace(ADDED, document="hash-3", kind="resident-identity-card"),
        CORRECTED,
        MERGED,
        replace(CORRECTED, person="q"),
        SEPARATED,
        replace(CORRECTED, birth_year=1999),
        replace(MERGED, id="m-2"),
    )


@pytest.mark.parametrize("event", [CORRECTED, ADDED, LINKED, MERGED, LOGIN])
def test_who_is_not_registered_takes_no_events(event: Event) -> None:
    given(TRUSTED).when(event).refused("unknown-person", "identity.takes_no_new_events")


def test_the_survivor_of_a_merge_must_be_registered_too() -> None:
    given(*registered("p")).when(MERGED).refused("unknown-person")


def test_events_of_other_contexts_need_a_registered_person() -> None:
    enrolled = StudentEnrolled(
        person="n", school="a", district="pudong", stage="primary", grade=1, occurred_at=at("2024-09-01")
    )
    given(*SCHOOLING).when(enrolled).refused("unknown-person")
    given(*SCHOOLING, REGISTERED).when(enrolled).admitted()


@pytest.mark.parametrize(
    "event", [CORRECTED, ADDED, LOGIN, replace(LINKED, account="new"), replace(MERGED, surviving="t")]
)
def test_a_merged_number_takes_no_events(event: Event) -> None:
    refused = given(*FEDERATION, MERGED).when(event).refused("person-merged", "identity.takes_no_new_events")
    assert refused.sentence == "p has been merged into another number, which 'persons' shows"


def test_nothing_is_merged_into_a_merged_number() -> None:
    merged_into_it = replace(MERGED, merged="t", surviving="p")
    given(*FEDERATION, MERGED).when(merged_into_it).refused("person-merged")


def test_a_number_is_given_once() -> None:
    given(REGISTERED).when(replace(REGISTERED, document="hash-9")).refused("person-registered")
    merged = replace(MERGED, merged="n")
    given(REGISTERED, *registered("q"), merged).when(replace(REGISTERED, document=None)).refused(
        "person-merged"
    )


def test_a_correction_tells_something() -> None:
    given(*registered("p")).when(PersonDetailsCorrected(person="p")).refused("nothing-corrected")


def test_a_number_is_merged_into_another() -> None:
    given(*registered("p")).when(replace(MERGED, surviving="p")).refused("merged-into-itself")


def test_a_separation_names_the_merge_that_it_undoes() -> None:
    history = given(*registered("p", "q", "t"), MERGED)
    history.when(SEPARATED).admitted()
    history.when(replace(SEPARATED, merge="centre#m-0")).refused("other-merge")
    history.when(replace(SEPARATED, surviving="t")).refused("not-merged")


def test_only_a_merge_in_force_is_undone() -> None:
    given(*registered("p", "q")).when(SEPARATED).refused("not-merged")
    given(*registered("p", "q"), MERGED, SEPARATED).when(SEPARATED).refused("not-merged")
    given(*registered("q")).when(SEPARATED).refused("unknown-person")


def test_merges_are_undone_last_first() -> None:
    onward = PersonsMerged(merged="q", surviving="t", source="centre", id="m-2")
    back = PersonsSeparated(separated="q", surviving="t", merge="centre#m-2")
    given(*registered("p", "q", "t"), MERGED, onward).when(SEPARATED).refused("person-merged")
    chain(*registered("p", "q", "t"), MERGED, onward, back, SEPARATED)
