"""Erasure (个人信息删除): PIPL (个人信息保护法), art. 47; what statute keeps (art. 19) is named, and stays readable."""

from __future__ import annotations

from msgspec import Struct, field

from domain.identity.roles import STANDING, Standing
from domain.rule import Rule, refuse_if
from events.fold import Fold
from events.identity.accounts import LoginSucceeded
from events.identity.erasure import ErasureRefused, ErasureRequested, PersonErased
from events.learning.certificates import CertificateIssued
from events.roll.pupils import StudentEnrolled, StudentGraduated

DEMANDED = ("roll", "diploma")
"""What statute keeps for good of whoever has it; logins, which are kept for months, may have run out."""


class Erasure(Struct):
    """The request for erasure that is open, if any, and of which classes there is something that statute keeps."""

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
    """Follow requests, and note what there is of the person."""
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
    """Erasure is asked for again only once the request before has been refused."""
    refuse_if(erasure.request, "erasure-requested", f"the request {erasure.request} is open")


def answers_the_open_request(erasure: Erasure, proposed: ErasureRefused | PersonErased) -> None:
    """An erasure, or its refusal, answers the request that is open."""
    refuse_if(
        erasure.request != proposed.request,
        "no-such-request",
        f"{proposed.request} is no open request for the erasure of {proposed.person}",
    )


def refused_on_a_true_ground(standing: Standing, proposed: ErasureRefused) -> None:
    """Erasure is refused for a live roll entry, or a live appointment, only where there is one."""
    refuse_if(
        proposed.ground == "live-roll-entry" and not standing.entry,
        "no-live-roll-entry",
        f"{proposed.person} is on no roll",
    )
    refuse_if(
        proposed.ground == "live-appointment" and not standing.appointments,
        "no-live-appointment",
        f"{proposed.person} holds no appointment",
    )


def nobody_who_is_here(standing: Standing, proposed: PersonErased) -> None:
    """Nobody is erased who stands on a school's roll or holds an appointment: the purpose is not fulfilled yet."""
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
    """Roll and diplomas of whoever has some are kept (PIPL, art. 19); nothing else is but logins, for their time."""
    kept = [each.retention for each in proposed.kept]
    for each in kept:
        refuse_if(kept.count(each) > 1, "kept-twice", f"'{each}' stands twice in what is kept")
        refuse_if(each not in erasure.has, "nothing-to-keep", f"{proposed.person} has nothing of '{each}'")
    for demanded in DEMANDED:
        refuse_if(
            demanded in erasure.has and demanded not in kept,
            "statute-keeps",
            f"statute keeps '{demanded}' of {proposed.person}: name it with its ground",
        )
    for told in proposed.kept:
        refuse_if(
            told.until is not None and told.until < proposed.day,
            "kept-until-past",
            f"'{told.retention}' is kept until {told.until}, which is past",
        )


RULES = (
    Rule(requested_once, ERASURE),
    Rule(answers_the_open_request, ERASURE),
    Rule(refused_on_a_true_ground, STANDING),
    Rule(nobody_who_is_here, STANDING),
    Rule(keeps_what_statute_keeps, ERASURE),
)
