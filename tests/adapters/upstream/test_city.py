"""The sample city: it obeys the rules, it is the same for the same seed, and covers the contexts."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import msgspec

from adapters.upstream import lines
from adapters.upstream.city import city
from events.catalogue import CONTEXTS, names
from events.identity.erasure import PersonErased
from streams.scenario import chain

PEOPLE = 200


def test_every_event_is_admitted() -> None:
    chain(*city(PEOPLE, 7))


def test_the_same_seed_gives_the_same_city_and_another_another() -> None:
    first = list(islice(lines(city(PEOPLE, 7)), 2000))
    assert first == list(islice(lines(city(PEOPLE, 7)), 2000))
    assert first != list(islice(lines(city(PEOPLE, 8)), 2000))


def test_events_come_in_the_order_in_which_they_occurred_with_identities_of_their_own() -> None:
    events = list(city(PEOPLE, 7))
    times = [event.occurred_at for event in events]
    assert times == sorted(times)
    assert len({(event.source, event.id) for event in events}) == len(events)


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
