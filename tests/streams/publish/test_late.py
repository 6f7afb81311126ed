"""What rules see of an event that arrives late: what had occurred by then, all that is recorded, or rule data."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.accounts import AccountUnlinked
from events.identity.persons import PersonsMerged, PersonsSeparated
from events.learning.accounts import LearningAccountOpened
from events.learning.courses import CourseEnrolled, CourseOffered
from events.roll.published import StageTerms
from events.roll.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered
from streams.scenario import at
from tests.contexts.identity import CONNECTED, FEDERATION, LINKED, LOGIN, TRUSTED
from tests.contexts.learning import BANK, some
from tests.contexts.persons import registered
from tests.contexts.roll import ENROLLED, A
from tests.domain.roll.test_pupils import RULES
from tests.logs.publishing import Town

CLOSED = SchoolClosed(school="a", reason="撤并", occurred_at=at("2022-07-01"))


def test_a_school_that_has_closed_since_was_open_then() -> None:
    town = Town(RULES, *registered("p", "q"), A, CLOSED)
    after = replace(ENROLLED, person="q", occurred_at=at("2022-07-02"))
    assert town.codes(ENROLLED, after) == ["", "school-closed"]


def test_a_school_teaches_what_it_taught_then_whatever_the_order_of_arrival() -> None:
    changed = SchoolDetailsChanged(school="a", stages=["lower-secondary"], occurred_at=at("2021-01-01"))
    back = replace(changed, stages=["primary"], occurred_at=at("2020-01-01"))
    town = Town(RULES, *registered("p", "q"), A, changed, back)
    after = replace(ENROLLED, person="q", occurred_at=at("2021-09-01"))
    assert town.codes(ENROLLED, after) == ["", "stage-not-taught"]


def test_a_login_through_an_account_that_has_been_unlinked_since() -> None:
    unlinked = AccountUnlinked(person="p", account="acc", reason="left", occurred_at=at("2024-04-01"))
    town = Town(*FEDERATION, unlinked)
    assert town.codes(LOGIN, replace(LOGIN, occurred_at=at("2024-04-02"))) == ["", "account-unlinked"]


def test_nothing_precedes_what_it_rests_on() -> None:
    town = Town(*registered("p"), TRUSTED, CONNECTED, LINKED)
    assert town.codes(replace(LOGIN, occurred_at=at("2024-01-01"))) == ["unknown-account"]


def test_a_number_is_taken_before_the_day_on_which_it_was_given_too() -> None:
    registration = SchoolRegistered("a", "A school", "d", ["primary"], occurred_at=at("1990-01-01"))
    assert Town(A).codes(registration) == ["school-registered"]


def test_seats_are_counted_whenever_they_were_taken() -> None:
    offered = some(CourseOffered, seats=1)
    town = Town(*BANK, *registered("p-1", "p-2"), *_accounts("p-1", "p-2"), offered)
    enrolled = some(CourseEnrolled)
    earlier = some(CourseEnrolled, "2024-01-09", person="p-2")
    assert town.codes(enrolled, earlier) == ["", "no-seat-free"]


def test_rule_data_counts_from_its_own_day_on_whenever_it_was_recorded() -> None:
    late = replace(RULES, occurred_at=at("2024-01-01"))
    town = Town(*registered("p", "q"), A, late)
    assert town.codes(ENROLLED) == [""]
    others = [StageTerms("vocational", 10, 12, compulsory=False)]
    later = replace(RULES, since="2023-01-01", stages=others, occurred_at=at("2022-12-01"))
    assert town.codes(replace(later, occurred_at=at("2025-01-01")), later) == ["retroactive", ""]
    second = replace(ENROLLED, person="q", occurred_at=at("2023-09-01"))
    assert town.codes(second, replace(second, occurred_at=at("2022-09-01"))) == ["no-such-stage", ""]


def test_merges_are_known_in_the_order_in_which_they_are_recorded() -> None:
    merged = PersonsMerged(merged="p", surviving="q", id="m", source="/town", occurred_at=at("2024-02-01"))
    separated = PersonsSeparated(separated="p", surviving="q", merge="/town#m", occurred_at=at("2024-03-01"))
    town = Town(*registered("p", "q"), merged)
    early = replace(separated, occurred_at=at("2024-01-01"))
    assert town.codes(early, separated) == ["evidence-later", ""]
    assert town.codes(replace(merged, id="n"), replace(merged, id="o", occurred_at=at("2024-03-01"))) == [
        "before-its-last-merge",
        "",
    ]


@pytest.mark.parametrize("together", [True, False])
def test_a_batch_decides_as_its_events_one_by_one(*, together: bool) -> None:
    town = Town(RULES, *registered("p", "q"), A)
    events: list[Event] = [CLOSED, ENROLLED, replace(ENROLLED, person="q", occurred_at=at("2022-08-01"))]
    found = town.codes(*events) if together else [code for each in events for code in town.codes(each)]
    assert found == ["", "", "school-closed"]


def _accounts(*persons: str) -> list[Event]:
    return [some(LearningAccountOpened, person=each, account=f"a-{each}") for each in persons]
