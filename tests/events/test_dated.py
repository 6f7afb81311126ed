"""Rule data: what is in force on a day, and what holds for every event that is rule data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events.alias import alias_types
from events.catalogue import by_name
from events.clock import plus_days
from events.contract import fields, tag_fields
from events.dated import RuleData, Versions, dated, in_force, numbered
from events.event import Event
from events.integrity.published import (
    CONDUCT_RULE,
    ConductRulePublished,
    ConductRuleRetired,
    IntegrityTermsPublished,
)
from events.learning.published import (
    STANDARD,
    RecognitionStandardPublished,
    RecognitionStandardRetired,
)
from events.roll.pupils import StudentGraduated
from streams.scenario import at

DATED = {"since", "opens"}
days = st.integers(0, 5).map(lambda days: plus_days("2024-09-01", days))


def published(since: str, title: str = "") -> ConductRulePublished:
    return ConductRulePublished(
        rule="r", since=since, title=title, weight=1, half_life_days=1, evidence_kinds=[]
    )


def retired(day: str) -> ConductRuleRetired:
    return ConductRuleRetired(rule="r", reason="", occurred_at=at(day))


def versions(*events: Event) -> Versions[ConductRulePublished]:
    state: Versions[ConductRulePublished] = CONDUCT_RULE.start("r")
    for each in events:
        CONDUCT_RULE.evolve(state, each)
    return state


def standard(since: str, until: str | None = None) -> RecognitionStandardPublished:
    return RecognitionStandardPublished("s", "u", "", "academic", "t", since, until=until)


def standards(*events: Event) -> Versions[RecognitionStandardPublished]:
    state: Versions[RecognitionStandardPublished] = STANDARD.start("s")
    for each in events:
        STANDARD.evolve(state, each)
    return state


@given(st.lists(days), days)
def test_in_force_is_the_latest_that_has_begun_and_of_equals_the_last_published(
    since: list[str], day: str
) -> None:
    events = [published(each, str(number)) for number, each in enumerate(since)]
    begun = [each for each in events if each.since <= day]
    assert in_force(events, day) == max(begun, key=lambda each: (each.since, int(each.title)), default=None)


def test_a_retirement_ends_what_was_published_before_it_from_its_day_on() -> None:
    state = versions(published("2024-01-01"), published("2024-12-01"), retired("2024-06-01"))
    assert state.ended
    assert state.on("2024-05-31") == published("2024-01-01")
    assert state.on("2024-06-01") is None
    assert state.on("2024-12-01") is None


def test_what_is_published_after_a_retirement_is_in_force_again_from_its_own_day_on() -> None:
    state = versions(published("2024-01-01"), retired("2024-06-01"), published("2024-09-01"))
    assert not state.ended
    assert state.on("2024-05-31") == published("2024-01-01")
    assert state.on("2024-08-31") is None
    assert state.on("2024-09-01") == published("2024-09-01")


def test_an_earlier_retirement_is_not_forgotten() -> None:
    state = versions(
        published("2024-01-01"),
        retired("2024-03-01"),
        published("2024-05-01"),
        retired("2024-07-01"),
        published("2024-09-01"),
    )
    in_force_on = {day: state.on(f"{day}-15") for day in ("2024-02", "2024-04", "2024-06", "2024-08")}
    assert {day: each and each.since for day, each in in_force_on.items()} == {
        "2024-02": "2024-01-01",
        "2024-04": None,
        "2024-06": "2024-05-01",
        "2024-08": None,
    }


def test_nothing_older_comes_back_after_a_last_day() -> None:
    state = standards(standard("2024-01-01"), standard("2024-02-01", "2024-02-10"))
    assert state.on("2024-02-10") == standard("2024-02-01", "2024-02-10")
    assert state.on("2024-02-11") is None


@given(st.lists(st.tuples(days, days, st.none() | days)), days)
def test_in_force_is_what_a_reader_of_the_notices_would_say(
    notices: list[tuple[str, str, str | None]], day: str
) -> None:
    """A notice is published, or a retirement, on a day; the retirement has the first day None."""
    story: list[RecognitionStandardPublished | RecognitionStandardRetired] = []
    for number, (on, since, until) in enumerate(sorted(notices, key=lambda each: each[0])):
        if number % 3 == 2:
            story.append(RecognitionStandardRetired(standard="s", reason="", occurred_at=at(on)))
        else:
            story.append(replace(standard(since, until), title=str(number), occurred_at=at(on)))
    assert standards(*story).on(day) == naive(story, day)


def naive(
    story: list[RecognitionStandardPublished | RecognitionStandardRetired], day: str
) -> RecognitionStandardPublished | None:
    alive: list[RecognitionStandardPublished] = []
    for each in story:
        if isinstance(each, RecognitionStandardPublished):
            alive.append(each)
        elif each.day <= day:
            alive = []
    begun = [each for each in alive if each.since <= day]
    if not begun:
        return None
    latest = max(begun, key=lambda each: (each.since, alive.index(each)))
    return latest if latest.until is None or day <= latest.until else None


def test_all_events_with_a_first_day_are_rule_data_about_one_thing_that_has_no_other_names() -> None:
    for name, cls in by_name().items():
        has_first_day = any(each.name in DATED for each in fields(cls))
        assert issubclass(cls, RuleData) == has_first_day, name
        if issubclass(cls, RuleData):
            (only,) = tag_fields(cls)
            assert only.tag is not None, name
            assert not alias_types(only.tag.kind), name


def test_only_rule_data_is_folded_as_such() -> None:
    found = dated(IntegrityTermsPublished, "integrity")
    assert (found.value, found.fold.tag, found.fold.events) == (
        "integrity",
        "rules",
        (IntegrityTermsPublished,),
    )
    with pytest.raises(TypeError, match="is not rule data"):
        numbered(StudentGraduated)  # type: ignore[type-var]
