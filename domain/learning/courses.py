"""Courses offered and shared, and who enrols, withdraws and completes."""

from __future__ import annotations

from msgspec import Struct, field

from domain.learning.published import MEMBER, Member, is_member
from domain.number import new_number
from domain.rule import Rule, of, refuse_if, too_early_if
from events.fold import Fold
from events.learning.courses import (
    CourseCompleted,
    CourseEnrolled,
    CourseOffered,
    CourseSharingAgreed,
    CourseWithdrawn,
)
from events.learning.vocabulary import Category, Result


class Offering(Struct):
    """What rules need to know of an offering."""

    offering: str
    course: str = ""
    institution: str = ""
    category: Category = "academic"
    hours: int = 0
    starts: str = ""
    ends: str = ""
    partners: set[str] = field(default_factory=set)


def offering(state: Offering, event: CourseOffered | CourseSharingAgreed) -> None:
    """Remember the terms of an offering and with whom it is shared."""
    match event:
        case CourseOffered():
            state.course, state.institution = event.course, event.institution
            state.category, state.hours = event.category, event.hours
            state.starts, state.ends = event.starts, event.ends
        case CourseSharingAgreed():
            state.partners.add(event.partner)


OFFERING = Fold("offering", Offering, offering)


class Seats(Struct):
    """How many seats an offering has, if they are limited, and how many are taken."""

    offering: str
    limit: int | None = None
    taken: int = 0


def seats(state: Seats, event: CourseOffered | CourseEnrolled | CourseWithdrawn) -> None:
    """Count who has come and not gone."""
    match event:
        case CourseOffered():
            state.limit = event.seats
        case CourseEnrolled():
            state.taken += 1
        case CourseWithdrawn():
            state.taken -= 1


SEATS = Fold("offering", Seats, seats)


class Enrolments(Struct):
    """A person's enrolments by offering: those that run, and what the others came to."""

    person: str
    running: set[str] = field(default_factory=set)
    results: dict[str, Result] = field(default_factory=dict)


def enrolments(state: Enrolments, event: CourseEnrolled | CourseWithdrawn | CourseCompleted) -> None:
    """Follow a person from enrolment to withdrawal or completion."""
    match event:
        case CourseEnrolled():
            state.running.add(event.offering)
        case CourseWithdrawn():
            state.running.discard(event.offering)
        case CourseCompleted():
            state.running.discard(event.offering)
            state.results[event.offering] = event.result


ENROLMENTS = Fold("person", Enrolments, enrolments)


def ends_after_it_starts(proposed: CourseOffered) -> None:
    """An offering ends no earlier than it starts."""
    refuse_if(proposed.ends < proposed.starts, "ends-before-it-begins", f"it would end on {proposed.ends}")


def shared_by_its_institution(offering: Offering, partner: Member, proposed: CourseSharingAgreed) -> None:
    """An institution shares its own offering, with another member, once."""
    known(offering)
    refuse_if(
        offering.institution != proposed.institution,
        "other-institution",
        f"{offering.institution} offers {proposed.offering}",
    )
    refuse_if(
        proposed.partner == proposed.institution, "shared-with-itself", "sharing is with another member"
    )
    refuse_if(
        proposed.partner in offering.partners, "shared-already", f"{proposed.partner} shares it already"
    )
    is_member(partner)


def known(offering: Offering) -> None:
    """Refuse an offering that nobody has told of."""
    too_early_if(not offering.course, "unknown-offering", f"no offering {offering.offering} is known")


def enrolled_while_open(
    enrolments: Enrolments, offering: Offering, seats: Seats, proposed: CourseEnrolled
) -> None:
    """A learner enrols once, before the offering has ended, while a seat is free, or through a partner."""
    known(offering)
    refuse_if(proposed.offering in enrolments.running, "enrolled-already", "the learner is enrolled already")
    refuse_if(proposed.offering in enrolments.results, "completed-already", "the learner has completed it")
    refuse_if(proposed.day > offering.ends, "offering-ended", f"it ended on {offering.ends}")
    refuse_if(seats.limit is not None and seats.taken >= seats.limit, "no-seat-free", "all seats are taken")
    refuse_if(
        proposed.through not in (None, offering.institution, *offering.partners),
        "not-shared",
        f"{proposed.offering} is not shared with {proposed.through}",
    )


def enrolled(enrolments: Enrolments, proposed: CourseWithdrawn | CourseCompleted) -> None:
    """Only who is enrolled withdraws or completes, and not both."""
    refuse_if(
        proposed.offering in enrolments.results,
        "completed-already",
        f"{enrolments.person} has completed {proposed.offering}",
    )
    too_early_if(
        proposed.offering not in enrolments.running,
        "unknown-enrolment",
        f"{enrolments.person} is not enrolled in {proposed.offering}",
    )


def completed_after_it_began(offering: Offering, proposed: CourseCompleted) -> None:
    """Nobody completes an offering before it has begun."""
    refuse_if(proposed.day < offering.starts, "not-begun", f"it begins on {offering.starts}")


RULES = (
    new_number(
        "offering",
        CourseOffered,
        "offering-known",
        name="offered_once",
        sentence="An offering has a number of its own.",
    ),
    Rule(ends_after_it_starts),
    Rule(shared_by_its_institution, OFFERING, of(MEMBER, "partner")),
    Rule(enrolled_while_open, ENROLMENTS, OFFERING, SEATS),
    Rule(enrolled, ENROLMENTS),
    Rule(completed_after_it_began, OFFERING),
)
