"""Erasure (个人信息删除) under PIPL (个人信息保护法), art. 47; data that statute keeps (art. 19) is named and stays readable."""

from __future__ import annotations

from msgspec import Struct, field

from domain.identity.roles import STANDING, Standing
from domain.rule import Rule, ever, refuse_if
from events.fold import Fold
from events.identity.accounts import LoginSucceeded
from events.identity.erasure import ErasureRefused, ErasureRequested, PersonErased
from events.learning.certificates import CertificateIssued
from events.roll.pupils import StudentEnrolled, StudentGraduated

DEMANDED = ("roll", "diploma")
"""Classes of data that statute keeps permanently if the person has any; logins, kept for months, may have expired."""


class Erasure(Struct):
    """The open request for erasure, if any, and the retention classes in which the person has data."""

    person: str
    request: str = ""
    has: set[str] = field(default_factory=set)


def erasure(
    state: Erasure,
    event: ErasureRequested
    | ErasureRefused
    | PersonErased
    | StudentEnrolled
    | StudentGraduated
    | CertificateIssued
    | LoginSucceeded,
) -> None:
    """Follow requests, and note the classes in which the person has data."""
    match event:
        case ErasureRequested():
            state.request = f"{event.source}#{event.id}"
        case ErasureRefused() | PersonErased():
            state.request = ""
        case StudentEnrolled():
            state.has.add("roll")
        case StudentGraduated() | CertificateIssued():
            state.has.add("diploma")
        case LoginSucceeded():
            state.has.add("login")


ERASURE = Fold("person", Erasure, erasure)


def requested_once(erasure: Erasure, proposed: ErasureRequested) -> None:
    """Erasure is requested again only after the previous request has been refused."""
    refuse_if(erasure.request, "erasure-requested", f"the request {erasure.request} is still open")


def answers_the_open_request(erasure: Erasure, proposed: ErasureRefused | PersonErased) -> None:
    """An erasure, or its refusal, answers the open request."""
    refuse_if(
        erasure.request != proposed.request,
        "no-such-request",
        f"{proposed.request} is not an open request for the erasure of {proposed.person}",
    )


def refused_on_a_true_ground(standing: Standing, proposed: ErasureRefused) -> None:
    """Erasure is refused because of a live roll entry or a live appointment only if the person has one."""
    refuse_if(
        proposed.ground == "live-roll-entry" and not standing.entry,
        "no-live-roll-entry",
        f"{proposed.person} is not on a roll",
    )
    refuse_if(
        proposed.ground == "live-appointment" and not standing.appointments,
        "no-live-appointment",
        f"{proposed.person} holds no appointment",
    )


def nobody_who_is_here(standing: Standing, proposed: PersonErased) -> None:
    """A person on a school's roll or with a live appointment is not erased: their data still serves its purpose."""
    if standing.entry:
        refuse_if(
            standing.entry,
            "on-a-live-roll",
            f"{proposed.person} is on the roll of {standing.entry.school}",
        )
    refuse_if(
        standing.appointments,
        "holds-an-appointment",
        f"{proposed.person} holds the appointment {next(iter(standing.appointments), '')}",
    )


def keeps_what_statute_keeps(erasure: Erasure, proposed: PersonErased) -> None:
    """An erasure keeps the person's roll and diploma data (PIPL, art. 19), and nothing else but logins, for their time."""
    kept = [each.retention for each in proposed.kept]
    for each in kept:
        refuse_if(kept.count(each) > 1, "kept-twice", f"'{each}' is listed twice as kept")
        refuse_if(each not in erasure.has, "nothing-to-keep", f"{proposed.person} has no '{each}' data")
    for demanded in DEMANDED:
        refuse_if(
            demanded in erasure.has and demanded not in kept,
            "statute-keeps",
            f"statute keeps the '{demanded}' data of {proposed.person}: list it with its ground",
        )
    for listed in proposed.kept:
        refuse_if(
            listed.until is not None and listed.until < proposed.day,
            "kept-until-past",
            f"'{listed.retention}' is kept only until {listed.until}, which has passed",
        )


RULES = (
    Rule(requested_once, ever(ERASURE)),
    Rule(answers_the_open_request, ever(ERASURE)),
    Rule(refused_on_a_true_ground, STANDING),
    Rule(nobody_who_is_here, ever(STANDING)),
    Rule(keeps_what_statute_keeps, ever(ERASURE)),
)
