"""Citations: what is cited is in the log, stands, is of the right type, and about the same person under any name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.contracts.codec import AvroCodec
from adapters.upstream.city import city as sample_city
from domain.catalogue import RULES
from events.audit import EventRetracted
from events.catalogue import names
from events.contract import citing_fields, tags
from events.entry import Stored
from events.event import Event
from events.identity.accounts import AccountLinked, LoginSucceeded, SessionEnded
from events.identity.erasure import ErasureRequested, PersonErased
from events.identity.persons import PersonsMerged, PersonsSeparated
from streams.ground.world_states import CITES
from streams.history.histories import Histories
from streams.ports import Undecodable
from streams.publish.citations import Citations
from streams.publish.judge import Judge
from streams.publish.publisher import Publisher
from streams.publish.request import Recorded, Refusal, Request, Verdict
from streams.publish.warm_folds import WarmFolds
from streams.scenario import WARM_BYTES, at
from tests.contexts.any_event import any_event
from tests.contexts.identity import FEDERATION, LOGIN
from tests.contexts.persons import registered
from tests.logs.memory_log import MemoryLog

CODEC = AvroCodec()


class City:
    """A log with one publisher, which is warm from one call to the next."""

    def __init__(self) -> None:
        self.log, self.sent = MemoryLog(), 0
        self.publisher = self.another()

    def another(self) -> Publisher:
        """Return a publisher on the same log that has seen nothing yet."""
        judge = Judge(RULES, WarmFolds(Histories(self.log, CODEC), WARM_BYTES))
        return Publisher(self.log, CODEC, judge, lambda: at("2026-01-01"))

    def verdicts(self, *events: Event, by: Publisher | None = None) -> Sequence[Verdict | None]:
        """Publish events in one request; those without an identity get one."""
        named = []
        for each in events:
            self.sent += 1
            named.append(each if each.id else replace(each, source="city", id=f"{self.sent}"))
        request = Request(named, [CODEC.propose(each) for each in named])
        (by or self.publisher).settle([request])
        return request.verdicts

    def admit(self, *events: Event) -> None:
        """Publish events, all of which are recorded."""
        verdicts = self.verdicts(*events)
        assert all(isinstance(each, Recorded) for each in verdicts), verdicts

    def refused(self, *events: Event) -> Refusal:
        """Publish events of which the last is refused; return why."""
        last = self.verdicts(*events)[-1]
        assert isinstance(last, Refusal), last
        return last


def login(person: str, identity: str) -> LoginSucceeded:
    return replace(LOGIN, person=person, account=f"acc-{person}", source="idp", id=identity)


def linked(person: str) -> AccountLinked:
    return AccountLinked(person, f"acc-{person}", "idp", occurred_at=at("2024-02-01"))


def ended(person: str, identity: str, day: str = "2024-03-02") -> SessionEnded:
    return SessionEnded(person, f"idp#{identity}", "signed-out", occurred_at=at(day))


def merged(number: str, into: str, day: str = "2024-04-01") -> PersonsMerged:
    return PersonsMerged(number, into, source="centre", id=f"{number}-{into}", occurred_at=at(day))


def separated(number: str, merge: PersonsMerged, day: str = "2024-05-01") -> PersonsSeparated:
    return PersonsSeparated(number, merge.surviving, f"centre#{merge.id}", occurred_at=at(day))


@pytest.fixture
def city() -> City:
    city = City()
    city.admit(*FEDERATION, *registered("x"))
    city.admit(linked("q"), linked("t"), login("q", "of-q"), login("t", "of-t"))
    return city


def test_an_event_cites_what_is_about_the_same_person(city: City) -> None:
    city.admit(ended("q", "of-q"))
    city.admit(login("q", "again"), ended("q", "again"))  # cited in the batch that brings it
    assert city.refused(ended("q", "nowhere")).code == "unknown-evidence"


def test_nothing_cites_what_occurred_only_after_it(city: City) -> None:
    refused = city.refused(ended("q", "of-q", "2024-02-29"))
    sentence = "idp#of-q occurred only after this event: correct the time of one"
    assert refused == Refusal("evidence-later", sentence, CITES)
    assert city.refused(login("q", "again"), ended("q", "again", "2024-02-29")).code == "evidence-later"


def test_the_sample_city_cites_what_it_may() -> None:
    events, empty = list(sample_city(60, 7)), City()
    for start in range(0, len(events), 50):
        empty.admit(*events[start : start + 50])


def test_an_event_of_another_person_is_no_evidence(city: City) -> None:
    refused = city.refused(ended("q", "of-t"))
    sentence = "idp#of-t is not about the person q: `login` cites an event about the same person"
    assert refused == Refusal("evidence-of-another", sentence, CITES)
    assert city.refused(login("t", "again"), ended("q", "again")).code == "evidence-of-another"


def test_an_event_of_another_type_is_no_evidence(city: City) -> None:
    city.admit(replace(linked("q"), account="second", source="idp", id="link"))
    refused = city.refused(ended("q", "link"))
    sentence = "idp#link is of type identity.AccountLinked, but `login` cites identity.LoginSucceeded"
    assert refused == Refusal("other-evidence", sentence, CITES)


def test_numbers_that_were_merged_are_one_person(city: City) -> None:
    city.admit(merged("t", "q"))
    city.admit(ended("q", "of-t"))
    assert city.refused(ended("x", "of-t")).code == "evidence-of-another"
    assert city.refused(ended("t", "of-q")).code == "person-merged"


def test_a_merge_counts_in_the_batch_that_brings_it(city: City) -> None:
    city.admit(merged("t", "q"), ended("q", "of-t"))


def test_a_chain_of_merges_is_one_person(city: City) -> None:
    city.admit(merged("t", "x"), merged("q", "p"), merged("x", "p"), ended("p", "of-t"), ended("p", "of-q"))


def test_numbers_that_were_separated_are_two_persons(city: City) -> None:
    merge = merged("t", "q")
    city.admit(merge, ended("q", "of-t"), separated("t", merge))
    assert city.refused(ended("q", "of-t", "2024-06-01")).code == "evidence-of-another"
    city.admit(ended("t", "of-t", "2024-06-01"))


def test_what_was_retracted_is_no_evidence(city: City) -> None:
    carries = list(tags(login("q", "of-q")))
    back = EventRetracted(
        "idp#of-q", "identity.LoginSucceeded", carries, "wrong-person", source="idp", id="back"
    )
    refused = city.refused(back, ended("q", "of-q"))
    assert refused == Refusal(
        "evidence-retracted", "idp#of-q was retracted: cite an event that stands", CITES
    )
    assert city.refused(ended("q", "of-q")).code == "evidence-retracted"
    again = city.refused(replace(back, id="once-more"))
    assert (again.code, again.rule) == ("retracted-already", "audit.retracted_once")


def test_a_request_made_under_another_number_is_the_persons_own(city: City) -> None:
    requested = ErasureRequested(
        "t", "person", "unlawful", source="centre", id="r", occurred_at=at("2024-03-01")
    )
    city.admit(requested, merged("t", "q"))
    erased = PersonErased("q", "centre#r", [], occurred_at=at("2024-05-01"))
    assert city.refused(replace(erased, person="x")).code == "evidence-of-another"
    city.admit(erased)


def test_another_publisher_sees_a_merge_that_it_did_not_admit(city: City) -> None:
    other = city.another()
    assert isinstance(city.verdicts(ended("q", "of-t"), by=other)[0], Refusal)
    city.admit(merged("t", "q"))
    assert isinstance(city.verdicts(ended("q", "of-t"), by=other)[0], Recorded)


PERSONS = ("a", "b", "c", "d")
RENAMINGS = st.lists(
    st.tuples(st.booleans(), st.sampled_from(PERSONS), st.sampled_from(PERSONS)).filter(
        lambda t: t[1] != t[2]
    ),
    max_size=8,
)


@settings(max_examples=200)
@given(RENAMINGS, st.integers(0, 8))
def test_one_person_is_whoever_merges_join_however_much_of_them_is_pending(
    renamings: list[tuple[bool, str, str]], recorded: int
) -> None:
    """Merges and separations at random, the first ones in the log, the others in the batch, against a plain union."""
    log, into = MemoryLog(), dict[str, str]()
    events: list[Any] = []
    for number, (begins, value, other) in enumerate(renamings):
        if begins and value not in into and _root(into, other) != value:
            into[value] = other
            events.append(PersonsMerged(value, other, source="c", id=f"{number}"))
        elif not begins and into.get(value) == other:
            del into[value]
            events.append(PersonsSeparated(value, other, "c#m", source="c", id=f"{number}"))
    if first := events[:recorded]:
        log.append([CODEC.propose(each) for each in first])
    logins = {each: login(each, f"of-{each}") for each in PERSONS}
    log.append([CODEC.propose(each) for each in logins.values()])
    pending = {(each.source, each.id): each for each in events[recorded:]}
    for person in PERSONS:
        citing = [ended(person, f"of-{each}") for each in PERSONS]
        citations = Citations(log, CODEC, [*pending.values(), *citing])
        for each, event in zip(PERSONS, citing, strict=True):
            refused = citations.refusal(event, pending)
            assert (refused is None) == (_root(into, person) == _root(into, each)), refused


def _root(into: dict[str, str], value: str) -> str:
    while value in into:
        value = into[value]
    return value


@pytest.mark.parametrize("cls", [cls for cls in names() if citing_fields(cls) and cls is not EventRetracted])
def test_each_citing_field_refuses_another_type_and_another_person(cls: type[Event]) -> None:
    """Over all classes: an event of each cited type, of another type and of another person."""
    log = MemoryLog()
    for field, mark in citing_fields(cls):
        for cited in (*mark.types, SessionEnded if SessionEnded not in mark.types else PersonErased):
            for person in ("p", "x"):
                event = any_event(cited, person, f"{field}-{cited.__name__}-{person}")
                log.append([CODEC.propose(event)])
                citing = any_event(cls, "p", "citing", **{field: f"s#{event.id}"} | _stated(mark.kind, cited))
                refused = Citations(log, CODEC, [citing]).refusal(citing, {})
                fits = cited in mark.types
                code = None if fits and person == "p" else "evidence-of-another" if fits else "other-evidence"
                assert (refused and refused.code) == code, refused


def _stated(kind: str | None, cited: type[Event]) -> dict[str, str]:
    return {kind: names()[cited]} if kind else {}


def test_what_cannot_be_read_proves_nothing(city: City) -> None:
    class Broken(AvroCodec):
        def decode(self, stored: Stored) -> Event:
            raise Undecodable(stored.position, "no such contract")

    citing = ended("q", "of-q")
    refused = Citations(city.log, Broken(), [citing]).refusal(citing, {})
    assert refused is not None
    assert (refused.code, refused.rule) == ("evidence-unreadable", CITES)
