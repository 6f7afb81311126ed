"""Over all events of persons: nothing occurs before their birth, and after their death only what belongs there."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from domain.identity.life import AFTER_DEATH, Life, alive, born_by_then
from domain.rule import Refused
from events.catalogue import names
from events.contract import tag_fields
from events.event import Event
from events.identity.persons import PersonDetailsCorrected, PersonRegistered, PersonsMerged
from events.integrity.pledges import PledgeSigned
from events.roll.pupils import StudentLeft
from events.roll.teachers import TeacherLeft
from streams.scenario import at, chain, given
from tests.contexts.any_event import any_event
from tests.contexts.duplicates import BEFORE, RULES
from tests.contexts.persons import registered
from tests.contexts.roll import ENROLLED, QUALIFIED, A

OF_PERSONS = [
    cls for cls in names() if any(each.tag and each.tag.kind == "person" for each in tag_fields(cls))
]
BORN = PersonRegistered(person="p", name=b"sealed", birth_year=2015, occurred_at=at("2024-01-01"))
DIED = StudentLeft("p", "a", "d", "primary", 1, "death", occurred_at=at("2021-03-01"))
SIGNED = PledgeSigned("p", "2024", occurred_at=at("2021-03-02"))


def code(check: object, life: Life, event: Event) -> str | None:
    try:
        check(life, event)  # type: ignore[operator]
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.parametrize("cls", [cls for cls in OF_PERSONS if cls is not PersonRegistered])
def test_nothing_of_a_person_occurs_before_their_birth(cls: type[Event]) -> None:
    life = Life("p", birth_year=2015)
    assert code(born_by_then, life, any_event(cls, "p", "1", day="2014-12-31")) == "before-birth"
    fits = any_event(cls, "p", "1", day="2024-01-01")
    assert code(born_by_then, life, fits) is None
    assert code(born_by_then, Life("p"), fits) is None


@pytest.mark.parametrize("cls", OF_PERSONS)
def test_after_a_death_only_corrections_ends_and_certificates_are_recorded(cls: type[Event]) -> None:
    life = Life("p", died="2024-01-01")
    after = any_event(cls, "p", "1", day="2024-01-02")
    assert code(alive, life, after) == (None if cls in AFTER_DEATH else "person-died")
    assert code(alive, life, any_event(cls, "p", "1", day="2024-01-01")) is None


def test_what_is_recorded_after_a_death_is_of_persons() -> None:
    assert set(AFTER_DEATH) <= set(OF_PERSONS)


def test_nobody_is_registered_or_enrolled_before_birth() -> None:
    given().when(replace(BORN, occurred_at=at("2014-01-01"))).refused("before-birth")
    old = replace(ENROLLED, occurred_at=at("2000-09-01"))
    refused = given(RULES, A, BORN).when(old).refused("before-birth", "identity.born_by_then")
    sentence = "p was born in 2015, after 2000-09-01: correct the day or the year of birth"
    assert refused.sentence == sentence
    corrected = PersonDetailsCorrected(person="p", birth_year=1994, occurred_at=at("2024-02-01"))
    chain(RULES, A, BORN, corrected).when(old).admitted()


def test_a_year_of_birth_is_not_corrected_past_the_first_beginning() -> None:
    corrected = PersonDetailsCorrected(person="p", birth_year=2021, occurred_at=at("2024-02-01"))
    given(*BEFORE, ENROLLED).when(corrected).refused("before-birth")
    given(*BEFORE, QUALIFIED).when(corrected).refused("before-birth")
    given(BORN).when(corrected).admitted()


def test_a_qualification_is_not_awarded_before_birth() -> None:
    awarded = replace(QUALIFIED, person="p", awarded="2010-06-01", occurred_at=at("2024-06-01"))
    given(BORN).when(awarded).refused("before-birth")


def test_the_year_of_a_merged_number_does_not_count() -> None:
    merged = PersonsMerged(merged="p", surviving="q", occurred_at=at("2024-03-01"))
    old = replace(ENROLLED, person="q", occurred_at=at("2010-09-01"))
    chain(RULES, A, *registered("q"), BORN, merged).when(old).admitted()


def test_nobody_is_enrolled_after_their_death() -> None:
    history = (*BEFORE, ENROLLED, DIED)
    again = replace(ENROLLED, occurred_at=at("2022-09-01"))
    refused = given(*history).when(again).refused("person-died", "identity.alive")
    assert refused.sentence.startswith("p died by 2021-03-01")
    given(*history).when(SIGNED).refused("person-died")
    given(*history).when(replace(SIGNED, occurred_at=at("2021-02-01"))).admitted()


def test_the_death_of_a_teacher_counts_under_every_number() -> None:
    left = TeacherLeft("t", "n", "a", "d", "died", occurred_at=at("2021-03-01"))
    merged = PersonsMerged(merged="t", surviving="p", occurred_at=at("2021-04-01"))
    given(*registered("p", "t"), left, merged).when(SIGNED).refused("person-died")
    retired = replace(left, reason="retired")
    given(*registered("p", "t"), retired, merged).when(SIGNED).admitted()
