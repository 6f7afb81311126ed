"""OULAD: real registrations of a university of lifelong education, as events of `identity` and `learning`.

docs/oulad.md says how each gap in the data is treated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgspec

from adapters import upstream
from adapters.upstream.oulad.tables import SOURCE, Course, OuladFault, Study, studies
from events.clock import HOUR, start_of
from events.event import Event
from events.identity.persons import PersonRegistered
from events.learning.accounts import LearningAccountOpened
from events.learning.courses import CourseCompleted, CourseEnrolled, CourseOffered, CourseWithdrawn
from events.learning.credit import CreditsAwarded
from events.learning.outcomes import OutcomeDeposited, OutcomeRecognised, OutcomeSubmitted
from events.learning.published import (
    CreditTermsPublished,
    HoursPerCredit,
    MemberAdmitted,
    RecognitionStandardPublished,
    ResultCounts,
)
from events.learning.vocabulary import Result

INSTITUTION = "oulad-open-university"
STANDARD = TERMS = "oulad"
HOURS_PER_CREDIT = 10
"""A credit in the United Kingdom is ten notional hours of learning; published as `CreditTermsPublished`."""

RESULTS: Mapping[str, Result] = {"Distinction": "distinction", "Pass": "pass", "Fail": "fail"}


__all__ = ("OuladFault", "events", "lines")


def events(folder: Path) -> Iterator[Event]:
    """Give all events of the data set in the order in which they occurred.

    Identities follow from the data, so that importing twice changes nothing. Raises OuladFault.
    """
    found = studies(folder)
    by_student: dict[str, list[Study]] = {}
    for each in found:
        by_student.setdefault(each.student, []).append(each)
    made = [*_institution(found), *_offerings(found)]
    for theirs in by_student.values():
        made += _learner(theirs)
        for study in theirs:
            made += _enrolment(study)
    yield from sorted(made, key=attrgetter("occurred_at"))


def lines(folder: Path) -> Iterator[bytes]:
    """Give the same as CloudEvents, one line of JSON each, for the ordinary publishing path."""
    return upstream.lines(events(folder))


def _said(event: Event, identity: str, day: str, hour: int) -> Event:
    occurred_at = start_of(day) + hour * HOUR
    return msgspec.structs.replace(event, source=SOURCE, id=identity, occurred_at=occurred_at)


def _institution(found: list[Study]) -> Iterator[Event]:
    """Give the university's joining of the credit bank and its terms, on the first day of the data."""
    first = min(each.course.day(each.enrolled) for each in found)
    yield _said(MemberAdmitted(INSTITUTION, "The Open University (OULAD)"), "member", first, 4)
    terms = CreditTermsPublished(
        TERMS,
        first,
        [HoursPerCredit("academic", HOURS_PER_CREDIT)],
        [ResultCounts("distinction", 100), ResultCounts("pass", 100), ResultCounts("fail", 0)],
    )
    yield _said(terms, "terms", first, 5)
    standard = RecognitionStandardPublished(
        STANDARD, INSTITUTION, "Modules of the university", "academic", TERMS, first
    )
    yield _said(standard, "standard", first, 5)


def _offerings(found: list[Study]) -> Iterator[Event]:
    """Give the offer of each presentation, on the day on which its first learner came."""
    first: dict[Course, Study] = {}
    for each in found:
        if each.course not in first or each.enrolled < first[each.course].enrolled:
            first[each.course] = each
    for course, study in first.items():
        offered = CourseOffered(
            offering=course.offering,
            course=f"oulad-{course.code_module}",
            institution=INSTITUTION,
            title=f"OULAD {course.code_module}",
            category="academic",
            sector="open",
            hours=study.credits * HOURS_PER_CREDIT,
            starts=course.day(0),
            ends=course.day(course.module_presentation_length),
        )
        yield _said(offered, f"offered:{course.offering}", course.day(study.enrolled), 6)


def _learner(theirs: list[Study]) -> Iterator[Event]:
    """Give a learner's registration. The number is the only name in the data; it is personal, and sealed."""
    person, name = theirs[0].person, f"OULAD learner {theirs[0].student}"
    first = min(each.course.day(each.enrolled) for each in theirs)
    yield _said(PersonRegistered(person, name.encode()), f"person:{person}", first, 7)
    yield _said(LearningAccountOpened(person, f"oulad-{person}", "open"), f"account:{person}", first, 8)


def _enrolment(study: Study) -> Iterator[Event]:
    offering, day = study.course.offering, study.course.day
    last = study.course.module_presentation_length
    about = f"{offering}:{study.person}"
    enrolled = CourseEnrolled(study.person, offering, day_estimated=study.registered is None)
    yield _said(enrolled, f"enrolled:{about}", day(study.enrolled), 10)
    if study.told == "Withdrawn" or study.unregistered is not None:
        withdrawn = CourseWithdrawn(
            study.person,
            offering,
            counted_as="fail" if study.told == "Fail" else None,
            day_estimated=study.unregistered is None,
        )
        went = last if study.unregistered is None else study.unregistered
        yield _said(withdrawn, f"withdrawn:{about}", day(went), 16)
        return
    result = RESULTS[study.told]
    completed = CourseCompleted(study.person, offering, result)
    yield _said(completed, f"completed:{about}", day(last), 16)
    if result != "fail":
        yield from _credit(study, result, day(last))


def _credit(study: Study, result: Result, day: str) -> Iterator[Event]:
    """Give deposit, recognition and credits of a course that was passed, on the last day of the presentation."""
    course = study.course
    about = f"{course.offering}:{study.person}"
    outcome = uuid5(NAMESPACE_URL, f"{SOURCE}:outcome:{about}").hex
    deposited = OutcomeDeposited(
        person=study.person,
        outcome=outcome,
        kind="course",
        title=f"OULAD {course.code_module}".encode(),
        category="academic",
        hours=study.credits * HOURS_PER_CREDIT,
        result=result,
        course=f"oulad-{course.code_module}",
        offering=course.offering,
    )
    yield _said(deposited, f"deposited:{about}", day, 17)
    submitted = OutcomeSubmitted(study.person, outcome, INSTITUTION, STANDARD)
    yield _said(submitted, f"submitted:{about}", day, 18)
    recognised = OutcomeRecognised(study.person, outcome, INSTITUTION, STANDARD)
    yield _said(recognised, f"recognised:{about}", day, 19)
    awarded = CreditsAwarded(
        person=study.person,
        award=f"award-{outcome}",
        outcome=outcome,
        institution=INSTITUTION,
        standard=STANDARD,
        terms=TERMS,
        category="academic",
        credits=study.credits * 100,
    )
    yield _said(awarded, f"awarded:{about}", day, 20)
