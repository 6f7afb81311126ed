"""The sample city's duplicates: a few pupils are entered twice, until somebody notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from adapters.upstream.city.clockwork import FIRST_YEAR, Actor, CityPlan, moment
from adapters.upstream.city.people import person
from adapters.upstream.city.pupils import Pupil
from adapters.upstream.city.schools import School
from events.event import Event
from events.identity.persons import PersonRegistered, PersonsMerged
from events.roll.pupils import StudentEnrolled, StudentLeft

TWICE = 0.003


def entered_twice(plan: CityPlan, its: Pupil, index: int, schools: Sequence[School]) -> list[Event]:
    """Return what happens to a pupil who is entered again, under another number, at another school if there is one.

    The second entry ends as a duplicate, and then the second number is merged into the first.
    """
    chance = plan.chance("twice", index)
    others = [each for each in schools if each.stage == its.school.stage and each != its.school]
    if chance.random() >= TWICE:
        return []
    at = chance.choice(others or [its.school])
    again = person(plan, f"pupil-{index}-again", its.who.born, at.district)
    roll = Actor(f"roll:{at.district}", f"pupil-{index}-again", chance)
    place = (again.number, at.number, at.district, at.stage, its.grade)
    registered = PersonRegistered(
        again.number, "同名".encode(), again.born.isoformat().encode(), again.born.year
    )
    merged = PersonsMerged(again.number, its.person)
    return [
        again.actor.says(registered, moment(date(FIRST_YEAR, 9, chance.randrange(3, 10)), chance)),
        roll.says(StudentEnrolled(*place), moment(date(FIRST_YEAR, 9, chance.randrange(14, 28)), chance)),
        roll.says(
            StudentLeft(*place, "duplicate"), moment(date(FIRST_YEAR, 10, chance.randrange(10, 20)), chance)
        ),
        again.actor.says(merged, moment(date(FIRST_YEAR, 10, chance.randrange(21, 30)), chance)),
    ]
