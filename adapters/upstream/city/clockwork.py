"""The basis of the sample city's actors: seeded chance, school years, and events with an identity."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import TypeVar

import msgspec
from msgspec import Struct

from events.audit import EventRetracted
from events.catalogue import names
from events.clock import HOUR, start_of
from events.contract import tags
from events.event import Event

E = TypeVar("E", bound=Event)

FIRST_YEAR = 2022
YEARS = 3
MINUTE = HOUR // 60


class CityPlan(Struct, frozen=True):
    """The size and the seed of a city."""

    people: int
    seed: int

    @property
    def schools(self) -> int:
        """The number of schools: one for 500 people, and at least one of each stage."""
        return max(3, self.people // 500)

    @property
    def pupils(self) -> int:
        """The number of pupils: eight people in ten go to school."""
        return self.people * 16 // 20

    @property
    def teachers(self) -> int:
        """The number of teachers: one for sixteen pupils."""
        return self.people // 20

    @property
    def learners(self) -> int:
        """The number of adult learners: all others."""
        return self.people - self.pupils - self.teachers

    @property
    def projects(self) -> int:
        """The number of IT projects: one for 200 people."""
        return max(3, self.people // 200)

    def chance(self, *actor: object) -> Random:
        """Return the chance of one actor, which is independent of the others."""
        return Random("/".join(map(str, (self.seed, *actor))))  # noqa: S311 - a sample must be repeatable


class Actor:
    """Somebody who publishes: gives events their identity and time."""

    def __init__(self, source: str, name: str, chance: Random) -> None:
        self.source, self.name, self.chance = f"urn:pujiang:sample:{source}", name, chance
        self._said = 0

    def says(self, event: E, when: int) -> E:
        """Return the event as it is published at a time."""
        self._said += 1
        identity = f"{self.name}-{self._said}"
        return msgspec.structs.replace(event, source=self.source, id=identity, occurred_at=when)


def taken_back(event: Event) -> EventRetracted:
    """Return the retraction of an event that its source entered by mistake."""
    named = f"{event.source}#{event.id}"
    return EventRetracted(named, names()[type(event)], list(tags(event)), "entered-by-mistake")


def moment(day: date, chance: Random, first: int = 8, last: int = 17) -> int:
    """Return an instant of a day between two hours."""
    return start_of(day.isoformat()) + chance.randrange(first * 60, last * 60) * MINUTE


def number(kind: str, chance: Random) -> str:
    """Return a random number like those that upstream systems issue; a letter keeps it from looking like an identity number."""
    digits = f"{chance.getrandbits(60):015x}"
    return f"{kind}-{digits[:7]}n{digits[7:]}"
