"""Courses that institutions offer and share, and the learners who enrol, withdraw and complete."""

from __future__ import annotations

from msgspec import Struct, field

from domain.learning.published import MEMBER, Member, is_member
from domain.number import new_number
from domain.rule import Rule, ever, of, refuse_if, too_early_if
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
    """A course offering as rules see it."""

    offering: str
    course: str = ""
    institution: str = ""
    category: Category = "academic"
    hours: int = 0
    starts: str = ""
    ends: str = ""
    partners: set[str] = field(default_factory=set)


def offering(state: Offering, event: CourseOffered | CourseSharingAgreed) -> None:
    """Remember the terms of an offering and the partners that share it."""
    match event:
        case CourseOffered():
            state.course, state.institution = event.course, event.institution
            state.category, state.hours = event.category, event.hours
            state.starts, state.ends = event.starts, event.ends
        case CourseSharingAgreed():
            state.partners.add(event.partner)


OFFERING = Fold("offering", Offering, offering)


class Seats(Struct):
    """The number of seats of an offering, None if unlimited, and the number taken."""

    offering: str
    limit: int | None = None
    taken: int = 0


def seats(state: Seats, event: CourseOffered | CourseEnrolled | CourseWithdrawn) -> None:
    """Count the learners who have enrolled and not withdrawn."""
    match event:
        case CourseOffered():
            state.limit = event.seats
        case CourseEnrolled():
            state.taken += 1
        case CourseWithdrawn():
            state.taken -= 1


SEATS = Fold("offering", Seats, seats)


class Enrolments(Struct):
    """A person's enrolments by offering: how many run (more than one only if numbers were merged), and results."""

    person: str
    running: dict[str, int] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)


def enrolments(state: Enrolments, event: CourseEnrolled | CourseWithdrawn | CourseCompleted) -> None:
    """Follow a person from enrolment to withdrawal or completion."""
    match event:
        case CourseEnrolled():
            state.running[event.offering] = state.running.get(event.offering, 0) + 1
        case CourseWithdrawn():
            _end_one(state, event.offering)
        case CourseCompleted():
            _end_one(state, event.offering)
            state.results[event.offering] = event.result


def _end_one(state: Enrolments, offering: str) -> None:
    left = state.running.pop(offering, 1) - 1
    if left:
        state.running[offering] = left


ENROLMENTS = Fold("person", Enrolments, enrolments, steps=True)


def ends_after_it_starts(proposed: CourseOffered) -> None:
    """An offering ends no earlier than it starts, and no earlier than it is offered."""
    refuse_if(
        proposed.ends < proposed.day,
        "offering-ended",
        f"the offering ended on {proposed.ends}, before it was offered",
    )
    refuse_if(
        proposed.ends < proposed.starts,
        "ends-before-it-begins",
        f"the offering ends on {proposed.ends}, before it starts",
    )


def shared_by_its_institution(offering: Offering, partner: Member, proposed: CourseSharingAgreed) -> None:
    """An institution shares its own offering with another member, once, before the offering ends."""
    known(offering)
    refuse_if(proposed.day > offering.ends, "offering-ended", f"the offering ended on {offering.ends}")
    refuse_if(
        offering.institution != proposed.institution,
        "other-institution",
        f"the offering {proposed.offering} is {offering.institution}'s",
    )
    refuse_if(
        proposed.partner == proposed.institution,
        "shared-with-itself",
        "an institution cannot share an offering with itself",
    )
    refuse_if(
        proposed.partner in offering.partners,
        "shared-already",
        f"the offering is already shared with {proposed.partner}",
    )
    is_member(partner)


def known(offering: Offering) -> None:
    """Refuse an unknown offering."""
    too_early_if(not offering.course, "unknown-offering", f"no offering {offering.offering} is known")


def enrolled_while_open(
    enrolments: Enrolments, offering: Offering, seats: Seats, proposed: CourseEnrolled
) -> None:
    """A learner enrols once, before the offering ends, while a seat is free, through its institution or a partner."""
    known(offering)
    refuse_if(proposed.offering in enrolments.running, "enrolled-already", "the learner is already enrolled")
    refuse_if(
        proposed.offering in enrolments.results,
        "completed-already",
        "the learner has already completed the offering",
    )
    refuse_if(proposed.day > offering.ends, "offering-ended", f"the offering ended on {offering.ends}")
    refuse_if(seats.limit is not None and seats.taken >= seats.limit, "no-seat-free", "all seats are taken")
    refuse_if(
        proposed.through not in (None, offering.institution, *offering.partners),
        "not-shared",
        f"{proposed.offering} is not shared with {proposed.through}",
    )


def enrolled(enrolments: Enrolments, proposed: CourseWithdrawn | CourseCompleted) -> None:
    """Only an enrolled learner withdraws or completes, and never both."""
    refuse_if(
        proposed.offering in enrolments.results,
        "completed-already",
        f"{enrolments.person} has already completed {proposed.offering}",
    )
    too_early_if(
        proposed.offering not in enrolments.running,
        "unknown-enrolment",
        f"{enrolments.person} is not enrolled in {proposed.offering}",
    )


def completed_after_it_began(offering: Offering, proposed: CourseCompleted) -> None:
    """A learner completes an offering no earlier than it begins."""
    refuse_if(proposed.day < offering.starts, "not-begun", f"the offering begins on {offering.starts}")


RULES = (
    new_number(
        "offering",
        CourseOffered,
        "offering-known",
        name="offered_once",
        sentence="An offering number is assigned only once.",
    ),
    Rule(ends_after_it_starts),
    Rule(shared_by_its_institution, OFFERING, of(MEMBER, "partner")),
    Rule(enrolled_while_open, ENROLMENTS, OFFERING, ever(SEATS)),
    Rule(enrolled, ENROLMENTS),
    Rule(completed_after_it_began, OFFERING),
)
