"""The sample city: it obeys the rules, it is the same for the same seed, and covers the contexts."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate, islice

import msgspec

from adapters.upstream import lines
from adapters.upstream.city import city
from adapters.upstream.city.arrivals import DAY
from events.audit import EventRetracted
from events.catalogue import CONTEXTS, names
from events.identity.erasure import PersonErased
from events.identity.persons import PersonsMerged
from events.roll.pupils import StudentEnrolled, StudentLeft
from streams.scenario import chain, given

PEOPLE = 200


def test_every_event_is_admitted() -> None:
    chain(*city(PEOPLE, 7))


def test_the_same_seed_gives_the_same_city_and_another_another() -> None:
    first = list(islice(lines(city(PEOPLE, 7)), 2000))
    assert first == list(islice(lines(city(PEOPLE, 7)), 2000))
    assert first != list(islice(lines(city(PEOPLE, 8)), 2000))


def test_events_have_identities_of_their_own() -> None:
    events = list(city(PEOPLE, 7))
    assert len({(event.source, event.id) for event in events}) == len(events)


def test_most_events_come_in_the_order_in_which_they_occurred_and_some_late() -> None:
    events = list(city(1500, 7))
    latest = accumulate((event.occurred_at for event in events), max)
    behind = [
        now - event.occurred_at for event, now in zip(events, latest, strict=True) if event.occurred_at < now
    ]
    assert 0.01 < len(behind) / len(events) < 0.04
    assert max(behind) > 30 * DAY


def test_sources_take_back_what_they_entered_by_mistake_and_say_what_was_right() -> None:
    events = {f"{event.source}#{event.id}": event for event in city(1500, 7)}
    back = [event for event in events.values() if isinstance(event, EventRetracted)]
    assert 0.0005 < len(back) / len(events) < 0.005
    entered = [events[each.event] for each in back if each.event_type == "roll.StudentEnrolled"]
    assert entered
    for wrong in entered:
        assert isinstance(wrong, StudentEnrolled)
        same = {"person": wrong.person, "occurred_at": wrong.occurred_at}
        right = [
            event
            for event in events.values()
            if isinstance(event, StudentEnrolled) and same == {name: getattr(event, name) for name in same}
        ]
        assert [each.class_name == wrong.class_name for each in right] == [True, False]


def test_some_pupils_are_entered_twice_and_go_on_as_one() -> None:
    events = list(city(1500, 7))
    merges = [event for event in events if isinstance(event, PersonsMerged)]
    assert merges
    scenario = given(*events)
    for merged in merges:
        lives = [each for each in events if getattr(each, "person", "") == merged.merged]
        assert isinstance(lives[-1], StudentLeft)
        assert lives[-1].reason == "duplicate"
        row = scenario.row("students", merged.surviving)
        assert row.status in ("enrolled", "on-leave", "graduated")
        assert row.others is None


def test_a_few_pupils_repeat_a_grade_or_skip_one_and_a_few_requests_are_withdrawn() -> None:
    count = Counter(names()[type(event)] for event in city(4000, 7))
    for rare in ("roll.StudentRetained", "roll.StudentAccelerated", "roll.TransferWithdrawn"):
        assert 0 < count[rare] < 0.01 * count["roll.StudentPromoted"], rare


def test_all_contexts_are_there_and_logins_dominate() -> None:
    count = Counter(names()[type(event)] for event in city(PEOPLE, 7))
    assert {name.partition(".")[0] for name in count} == set(CONTEXTS)
    assert count.most_common(1)[0][0] == "identity.LoginSucceeded"


def test_a_line_is_a_cloudevent_with_personal_fields_in_clear() -> None:
    events = (event for event in city(PEOPLE, 7) if names()[type(event)] == "identity.PersonRegistered")
    told = msgspec.json.decode(next(lines(events)))
    assert told["specversion"] == "1.0"
    assert told["data"]["birth_date"].startswith(("19", "20"))


def test_some_adults_are_erased_and_what_statute_keeps_is_named() -> None:
    events = list(city(1500, 7))
    chain(*events)
    erased = [event for event in events if isinstance(event, PersonErased)]
    assert {tuple(each.retention for each in event.kept) for event in erased} == {(), ("diploma",)}
