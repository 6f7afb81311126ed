"""Erasure (个人信息删除): who may be erased, what statute keeps of them, and that nothing comes after."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.audit import EventRetracted
from events.contract import tags
from events.event import Event
from events.identity.erasure import Kept
from events.identity.persons import PersonDetailsCorrected, PersonsSeparated
from events.learning.certificates import CertificateIssued
from events.roll.pupils import StudentLeft
from events.roll.teachers import TeacherLeft
from streams.scenario import at, chain, given
from tests.contexts.identity import ERASED, FEDERATION, LOGIN, MERGED, REFUSED, REQUESTED, SCHOOLING
from tests.contexts.persons import registered
from tests.contexts.samples import after

LEFT = StudentLeft(
    person="p",
    school="a",
    district="pudong",
    stage="primary",
    grade=5,
    reason="abroad",
    occurred_at=at("2024-05-01"),
)
ROLL = Kept(retention="roll", ground="pupils' rolls are kept for good")
LOGINS = Kept(retention="login", ground="Cybersecurity Law, art. 21", until="2024-09-01")
DIPLOMA = CertificateIssued(
    certificate="c", person="p", institution="a", title="welding", awards=["w"], holder=b"sealed"
)


def test_a_person_is_erased_at_request() -> None:
    chain(*registered("p"), REQUESTED, ERASED)


def test_a_refused_request_may_be_made_again() -> None:
    again = replace(REQUESTED, id="r-2", occurred_at=at("2024-09-01"))
    erased = replace(ERASED, request="centre#r-2", occurred_at=at("2024-09-02"))
    chain(*registered("p"), REQUESTED, replace(REFUSED, ground="not-entitled"), again, erased)


def test_one_request_is_open_at_a_time() -> None:
    given(*registered("p"), REQUESTED).when(replace(REQUESTED, id="r-2")).refused("erasure-requested")


def test_who_is_not_registered_any_more_can_be_erased() -> None:
    person, *_ = registered("p")
    person = replace(person, id="r-p", source="centre")
    retracted = EventRetracted(
        event="centre#r-p",
        event_type="identity.PersonRegistered",
        carries=list(tags(person)),
        reason="entered-by-mistake",
    )
    chain(person, retracted, REQUESTED, ERASED)
    chain(REQUESTED, ERASED)


def test_a_number_that_was_erased_unregistered_is_not_given_to_anybody() -> None:
    given(REQUESTED, ERASED).when(registered("p")[0]).refused("person-erased", "identity.takes_no_new_events")


@pytest.mark.parametrize("event", [ERASED, replace(REFUSED, ground="no-ground")])
def test_an_answer_is_to_the_open_request(event: Event) -> None:
    given(*registered("p")).when(event).refused("no-such-request", "identity.answers_the_open_request")
    other = replace(REQUESTED, id="r-2")
    given(*registered("p"), other).when(event).refused("no-such-request")


def test_nobody_on_a_roll_is_erased() -> None:
    kept = replace(ERASED, kept=[ROLL])
    refused = given(*SCHOOLING, REQUESTED).when(kept).refused("on-a-live-roll", "identity.nobody_who_is_here")
    assert refused.sentence == "p is on the roll of a"
    given(*SCHOOLING, REQUESTED).when(REFUSED).admitted()
    given(*SCHOOLING, LEFT, REQUESTED).when(kept).admitted()
    given(*SCHOOLING, LEFT, REQUESTED).when(REFUSED).refused(
        "no-live-roll-entry", "identity.refused_on_a_true_ground"
    )


def test_nobody_who_holds_an_appointment_is_erased() -> None:
    asked, erased = replace(REQUESTED, person="t"), replace(ERASED, person="t")
    given(*SCHOOLING, asked).when(erased).refused("holds-an-appointment", "identity.nobody_who_is_here")
    answer = replace(REFUSED, person="t", ground="live-appointment")
    given(*SCHOOLING, asked).when(answer).admitted()
    left = TeacherLeft(person="t", appointment="job", school="a", district="pudong", reason="retired")
    given(*SCHOOLING, left, asked).when(erased).admitted()
    given(*SCHOOLING, left, asked).when(answer).refused("no-live-appointment")


def test_a_roll_entry_under_a_merged_number_counts() -> None:
    asked, erased = replace(REQUESTED, person="q"), replace(ERASED, person="q", kept=[ROLL])
    given(*SCHOOLING, MERGED, asked).when(erased).refused("on-a-live-roll")


def test_what_statute_keeps_is_named() -> None:
    left = given(*SCHOOLING, LEFT, REQUESTED)
    left.when(ERASED).refused("statute-keeps", "identity.keeps_what_statute_keeps")
    holder = given(*registered("p"), DIPLOMA, REQUESTED)
    holder.when(ERASED).refused("statute-keeps")
    holder.when(replace(ERASED, kept=[replace(ROLL, retention="diploma")])).admitted()


def test_nothing_else_is_kept() -> None:
    given(*registered("p"), REQUESTED).when(replace(ERASED, kept=[ROLL])).refused("nothing-to-keep")
    given(*registered("p"), REQUESTED).when(replace(ERASED, kept=[LOGINS])).refused("nothing-to-keep")
    given(*SCHOOLING, LEFT, REQUESTED).when(replace(ERASED, kept=[ROLL, ROLL])).refused("kept-twice")


def test_logins_are_kept_for_their_time() -> None:
    history = given(*FEDERATION, LOGIN, REQUESTED)
    history.when(replace(ERASED, kept=[LOGINS])).admitted()
    history.when(ERASED).admitted()
    history.when(replace(ERASED, kept=[replace(LOGINS, until="2024-06-07")])).refused("kept-until-past")


@pytest.mark.parametrize(
    "event",
    [
        ERASED,
        REQUESTED,
        PersonDetailsCorrected(person="p", name=b"sealed"),
        replace(LOGIN, occurred_at=at("2024-07-01")),
        replace(MERGED, occurred_at=at("2024-07-01")),
        replace(MERGED, merged="q", surviving="p"),
    ],
)
def test_nothing_comes_after_an_erasure(event: Event) -> None:
    refused = (
        given(*FEDERATION, REQUESTED, ERASED)
        .when(after([ERASED], event))
        .refused("person-erased", "identity.takes_no_new_events")
    )
    assert refused.sentence == "p has been erased"


def test_a_merge_is_not_undone_after_an_erasure() -> None:
    asked, erased = replace(REQUESTED, person="q"), replace(ERASED, person="q")
    separated = PersonsSeparated(separated="p", surviving="q", merge="centre#m-1")
    given(*registered("p", "q"), MERGED, asked).when(separated).admitted()
    given(*registered("p", "q"), MERGED, asked, erased).when(separated).refused("person-erased")


def test_an_erasure_is_not_taken_back() -> None:
    taken = EventRetracted(
        event="centre#e-1",
        event_type="identity.PersonErased",
        carries=["person:p"],
        reason="entered-by-mistake",
    )
    given(*registered("p"), REQUESTED, ERASED).when(taken).refused("erasure-final", "audit.erasure_is_final")
