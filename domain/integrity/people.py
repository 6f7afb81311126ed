"""What integrity needs to know of people: that they are registered, and surely not too young."""

from __future__ import annotations

from msgspec import Struct

from domain.rule import refuse_if, too_early_if
from events.fold import Fold
from events.identity.persons import PersonDetailsCorrected, PersonRegistered


class Person(Struct):
    """Whether a person is registered, and the year of birth, where it is known."""

    person: str
    registered: bool = False
    birth_year: int | None = None


def person(state: Person, event: PersonRegistered | PersonDetailsCorrected) -> None:
    """Follow the year of birth; that of a number merged into this one does not count."""
    if event.person == state.person:
        state.registered = True
        state.birth_year = event.birth_year or state.birth_year


PERSON = Fold("person", Person, person)


def of_age(person: Person, age: int, day: str) -> None:
    """Refuse where a person may be younger than an age on a day; they count as born on 31 December."""
    year = person.birth_year
    too_early_if(year is None, "unknown-age", f"how old {person.person} is is not known")
    refuse_if(
        year is not None and int(day[:4]) - year - 1 < age,
        "too-young",
        f"nobody is scored who may be under {age}",
    )


def decided_by_another(decider: Person, person: str) -> None:
    """Refuse where a decision about a person names nobody who could take it, or the person themselves."""
    too_early_if(not decider.registered, "unknown-decider", f"no person {decider.person} is registered")
    refuse_if(decider.person == person, "own-case", "nobody decides on their own conduct")
