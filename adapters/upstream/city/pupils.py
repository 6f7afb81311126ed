"""The sample city's pupils: registered, enrolled, promoted, transferred, on leave, graduated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from adapters.upstream.city.clockwork import FIRST_YEAR, YEARS, Actor, CityPlan, moment, number, taken_back
from adapters.upstream.city.evaluation import semester
from adapters.upstream.city.people import Person, person
from adapters.upstream.city.schools import STAGES, School
from events.event import Event
from events.roll.published import StageTerms
from events.roll.pupils import (
    StudentAccelerated,
    StudentEnrolled,
    StudentGraduated,
    StudentLeaveStarted,
    StudentPromoted,
    StudentResumed,
    StudentRetained,
)
from events.roll.transfers import StudentTransferred, TransferConsented, TransferRequested, TransferWithdrawn
from events.roll.vocabulary import Stage

TRANSFERS, LEAVES, EVALUATED, MISTYPED = 0.01, 0.004, 0.04, 0.01
RETAINED, ACCELERATED, WITHDRAWN = 0.003, 0.002, 0.1


class Pupil(Struct):
    """One pupil: the person, the school, and the register that publishes events about them."""

    who: Person
    person: str
    actor: Actor
    chance: Random
    terms: StageTerms
    school: School
    grade: int


def pupil(plan: CityPlan, index: int, schools: Sequence[School]) -> Pupil:
    """Return a pupil before their first event; the same for the same plan and index."""
    chance = plan.chance("pupil", index)
    school = schools[index % len(schools)]
    terms = next(each for each in STAGES if each.stage == school.stage)
    grade = chance.randint(terms.first_grade, terms.last_grade)
    actor = Actor(f"roll:{school.district}", f"pupil-{index}", chance)
    born = date(FIRST_YEAR - 6 - grade, chance.randint(1, 12), chance.randint(1, 28))
    who = person(plan, f"pupil-{index}", born, school.district)
    return Pupil(who, who.number, actor, chance, terms, school, grade)


def roll_life(its: Pupil, schools: Sequence[School]) -> Iterator[Event]:
    """Live a pupil's years on the roll: enrolment, school years, graduation and the next stage."""
    yield from _enrolled(its, date(FIRST_YEAR, 8, 20 + its.chance.randrange(10)))
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        yield from _school_year(its, year, schools)
        if its.grade < its.terms.last_grade:
            yield _moved_up(its, date(year + 1, 8, its.chance.randrange(10, 18)))
            continue
        yield _graduated(its, date(year + 1, 6, its.chance.randrange(20, 30)))
        following = [each for each in STAGES if each.first_grade == its.grade + 1]
        if not following or year == FIRST_YEAR + YEARS - 1:
            return
        its.terms, its.grade = following[0], its.grade + 1
        its.school = its.chance.choice([each for each in schools if each.stage == its.terms.stage])
        yield from _enrolled(its, date(year + 1, 8, 20 + its.chance.randrange(10)))


def _says(its: Pupil, event: Event, day: date) -> Event:
    return its.actor.says(event, moment(day, its.chance))


def _enrolled(its: Pupil, day: date) -> Iterator[Event]:
    letter = its.chance.choice("ABCD")
    enrolled = StudentEnrolled(
        its.person, its.school.number, its.school.district, its.terms.stage, its.grade, f"{its.grade}{letter}"
    )
    entered = _says(its, enrolled, day)
    yield entered
    if its.chance.random() < MISTYPED:
        yield from _corrected(its, entered, replace(enrolled, class_name=f"{its.grade}E"), day)


def _corrected(its: Pupil, entered: Event, right: Event, day: date) -> Iterator[Event]:
    """Take an event back some days later, and say what was right, of the same moment."""
    yield _says(its, taken_back(entered), day + timedelta(days=its.chance.randrange(1, 10)))
    yield its.actor.says(right, entered.occurred_at)


def _moved_up(its: Pupil, day: date) -> Event:
    """Promote a pupil; a few repeat the grade, and a few skip one."""
    place, before, luck = _place(its), its.grade, its.chance.random()
    if luck < RETAINED:
        return _says(its, StudentRetained(*place, before, b"missed half the year"), day)
    if luck < RETAINED + ACCELERATED and before + 2 <= its.terms.last_grade:
        its.grade += 2
        return _says(its, StudentAccelerated(*place, before, its.grade), day)
    its.grade += 1
    return _says(its, StudentPromoted(*place, before, its.grade), day)


def _place(its: Pupil) -> tuple[str, str, str, Stage]:
    return its.person, its.school.number, its.school.district, its.terms.stage


def _graduated(its: Pupil, day: date) -> Event:
    diploma = number("diploma", its.chance)
    graduated = StudentGraduated(
        its.person, its.school.number, its.school.district, its.terms.stage, its.grade, diploma
    )
    return _says(its, graduated, day)


def _school_year(its: Pupil, year: int, schools: Sequence[School]) -> Iterator[Event]:
    luck = its.chance.random()
    others = [each for each in schools if each.stage == its.terms.stage and each != its.school]
    start = date(year, 10, its.chance.randrange(8, 28))
    if luck < TRANSFERS and others:
        yield from _transfer(its, its.chance.choice(others), start)
    elif luck < TRANSFERS + LEAVES:
        back = start + timedelta(days=its.chance.randrange(30, 200))
        leave = StudentLeaveStarted(its.person, its.school.number, back.isoformat(), b"illness")
        yield _says(its, leave, start)
        yield _says(its, StudentResumed(its.person, its.school.number), back)
    elif luck < TRANSFERS + LEAVES + EVALUATED:
        yield from semester(its.person, its.school, its.terms.stage, its.grade, year, its.actor, its.chance)


def _transfer(its: Pupil, to: School, day: date) -> Iterator[Event]:
    transfer = number("transfer", its.chance)
    before = its.school
    asked = TransferRequested(transfer, its.person, before.number, to.number, its.grade, b"the family moved")
    yield _says(its, asked, day)
    if its.chance.random() < WITHDRAWN:
        yield _says(its, TransferWithdrawn(transfer, its.person, "guardian"), day + timedelta(days=1))
        return
    its.school = to
    consents = ["sending-school", "sending-district"]
    if before.district != to.district:
        consents.append("receiving-district")
    for after, by in enumerate(consents, 1):
        yield _says(its, TransferConsented(transfer, by, its.person), day + timedelta(days=after))  # type: ignore[arg-type]
    moved = StudentTransferred(
        its.person,
        before.number,
        to.number,
        before.district,
        to.district,
        its.terms.stage,
        its.grade,
        transfer,
    )
    yield _says(its, moved, day + timedelta(days=5))
