"""Merging two numbers: not while both have what only one may have."""

from __future__ import annotations

from msgspec.structs import replace

from events.event import Event
from events.identity.persons import PersonsMerged
from events.learning.accounts import LearningAccountClosed, LearningAccountOpened
from events.learning.courses import CourseEnrolled, CourseOffered, CourseWithdrawn
from events.learning.credit import CreditsRevoked
from events.roll.pupils import StudentLeft
from streams.publish.request import Refusal
from streams.scenario import at
from tests.contexts.learning import AWARDED, BANK, some
from tests.contexts.persons import registered
from tests.contexts.roll import ENROLLED, A
from tests.domain.roll.test_pupils import RULES
from tests.logs.publishing import Town

MERGE = PersonsMerged(merged="q", surviving="p", occurred_at=at("2025-01-01"))
CITY: tuple[Event, ...] = (RULES, *registered("p", "q"), A)
FIRST = replace(ENROLLED, id="1", source="urn:x")
SECOND = replace(ENROLLED, id="2", source="urn:x", person="q", occurred_at=at("2021-09-01"))
LEFT = StudentLeft(
    person="q",
    school="a",
    district="d",
    stage="primary",
    grade=1,
    reason="abroad",
    occurred_at=at("2024-06-01"),
)


def test_two_roll_entries_are_not_merged_until_one_has_ended() -> None:
    town = Town(*CITY, FIRST, SECOND)
    [verdict] = town.send(MERGE)
    assert isinstance(verdict, Refusal)
    assert (verdict.code, verdict.rule) == ("end-first", "log.one_of_each")
    assert verdict.sentence == (
        "end first: roll.StudentEnrolled of 2020-09-01 (urn:x#1) or roll.StudentEnrolled of 2021-09-01 (urn:x#2); "
        "with both in force, one would be refused: already-on-a-roll"
    )
    assert town.codes(LEFT, MERGE) == ["", ""]


def test_it_may_end_in_the_same_batch() -> None:
    assert Town(*CITY, FIRST, SECOND).codes(LEFT, MERGE, atomic=True) == ["", ""]


def test_one_roll_entry_is_in_no_ones_way() -> None:
    assert Town(*CITY, SECOND).codes(MERGE) == [""]
    assert Town(*CITY, FIRST).codes(MERGE) == [""]


def test_entries_of_numbers_that_were_merged_before_count() -> None:
    merged = PersonsMerged(merged="r", surviving="q", occurred_at=at("2022-01-01"))
    town = Town(*CITY, *registered("r"), FIRST, replace(SECOND, person="r"), merged)
    assert town.codes(MERGE) == ["end-first"]


def test_a_course_that_both_take_is_withdrawn_from_first() -> None:
    both = [some(CourseEnrolled, person="p"), some(CourseEnrolled, person="q")]
    town = Town(*CITY, *BANK, some(CourseOffered), *both)
    assert town.codes(MERGE) == ["end-first"]
    assert town.codes(some(CourseWithdrawn, person="q"), MERGE) == ["", ""]


def test_two_open_accounts_are_not_one() -> None:
    accounts = [some(LearningAccountOpened, person=each, account=f"a-{each}") for each in ("p", "q")]
    town = Town(*CITY, *BANK, *accounts)
    assert town.codes(MERGE) == ["end-first"]
    closed = some(LearningAccountClosed, person="q", account="a-q", occurred_at=at("2024-12-01"))
    assert town.codes(closed, MERGE) == ["", ""]


def test_credits_for_one_course_are_revoked_first() -> None:
    """Both have had the same course recognised, as different outcomes of different offerings."""
    theirs = [
        replace(each, person="p-2", **_other(each))
        for each in AWARDED
        if getattr(each, "person", "") == "p-1"
    ]
    theirs = [each for each in theirs if not isinstance(each, LearningAccountOpened)]
    town = Town(*registered("p-2"), *AWARDED, some(CourseOffered, offering="law-25"), *theirs)
    merge = PersonsMerged(merged="p-2", surviving="p-1", occurred_at=at("2025-01-01"))
    assert town.codes(merge) == ["end-first"]
    revoked = some(CreditsRevoked, person="p-2", award="aw-2", occurred_at=at("2024-12-01"))
    assert town.codes(revoked, merge) == ["", ""]


def _other(event: Event) -> dict[str, str]:
    others = {"outcome": "oc-2", "offering": "law-25", "award": "aw-2", "account": "a-2"}
    return {name: value for name, value in others.items() if hasattr(event, name)}
