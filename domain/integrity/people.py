"""What integrity reads about people: that they are registered, and certainly old enough."""

from __future__ import annotations

from msgspec import Struct

from domain.rule import refuse_if, too_early_if
from events.fold import Fold
from events.identity.persons import PersonDetailsCorrected, PersonRegistered


class Person(Struct):
    """Whether a person is registered, and the year of birth if it is known."""

    person: str
    registered: bool = False
    birth_year: int | None = None


def person(state: Person, event: PersonRegistered | PersonDetailsCorrected) -> None:
    """Follow the year of birth; the year of a number merged into this one does not count."""
    if event.person == state.person:
        state.registered = True
        state.birth_year = event.birth_year or state.birth_year


PERSON = Fold("person", Person, person)


def of_age(person: Person, age: int, day: str) -> None:
    """Refuse if the person may be below an age on a day: they count as born on 31 December."""
    year = person.birth_year
    too_early_if(year is None, "unknown-age", f"the age of {person.person} is not known")
    refuse_if(
        year is not None and int(day[:4]) - year - 1 < age,
        "too-young",
        f"a person who may be under {age} is not scored",
    )


def decided_by_another(decider: Person, person: str) -> None:
    """Refuse unless the decider is registered and is not the person decided about."""
    too_early_if(not decider.registered, "unknown-decider", f"no person {decider.person} is registered")
    refuse_if(decider.person == person, "own-case", "nobody can decide their own case")
