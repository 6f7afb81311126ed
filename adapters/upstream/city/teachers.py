"""The sample city's teachers: appointed, qualified, sometimes leaving."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from adapters.upstream.city.clockwork import FIRST_YEAR, YEARS, Actor, CityPlan, moment, number
from adapters.upstream.city.people import Person, person
from adapters.upstream.city.schools import School
from events.event import Event
from events.roll.teachers import QualificationAwarded, TeacherAppointed, TeacherLeft

POSTS: tuple[Literal["teacher", "class-teacher"], ...] = ("teacher", "teacher", "teacher", "class-teacher")
SUBJECTS = ("Chinese", "Mathematics", "English", "Physics", "Chemistry", "History", "Music", "Informatics")


def teacher(plan: CityPlan, index: int, school: School) -> Person:
    """Return a teacher; all of them have an account."""
    born = date(1960 + index % 38, 1 + index % 12, 1 + index % 28)
    return person(plan, f"teacher-{index}", born, school.district, 1.0)


def teaching_life(its: Person, index: int, school: School) -> Iterator[Event]:
    """Live a teacher's career at a school."""
    chance = its.chance
    actor = Actor(f"staff:{school.district}", f"teacher-{index}", chance)
    appointment, subject = number("appointment", chance), chance.choice(SUBJECTS)
    day = date(FIRST_YEAR, 8, chance.randrange(15, 28))
    appointed = TeacherAppointed(
        its.number, appointment, school.number, school.district, chance.choice(POSTS), subject
    )
    yield actor.says(appointed, moment(day, chance))
    qualified = QualificationAwarded(
        its.number, number("qualification", chance), school.stage, subject, f"{day.year - 1}-06-30"
    )
    yield actor.says(qualified, moment(date(FIRST_YEAR, 9, chance.randrange(1, 28)), chance))
    if chance.random() < 0.04:  # noqa: PLR2004 - few leave
        left = TeacherLeft(its.number, appointment, school.number, school.district, "resigned")
        year = FIRST_YEAR + 1 + chance.randrange(YEARS - 1)
        yield actor.says(left, moment(date(year, 8, chance.randrange(1, 28)), chance))
