"""Random histories of a small city, and their rows: for tests of the flows over read models."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from msgspec import structs

from events.audit import EventRetracted
from events.catalogue import names
from events.contract import tags
from events.event import Event
from events.identity.persons import PersonsMerged, PersonsSeparated
from events.roll.pupils import (
    StudentEnrolled,
    StudentGraduated,
    StudentLeaveStarted,
    StudentPromoted,
    StudentResumed,
)
from events.roll.schools import SchoolRegistered
from events.roll.teachers import TeacherAppointed
from events.roll.transfers import StudentTransferred
from projections.catalogue import READ_MODELS
from projections.read_model import Key, ReadModel, tag_values
from streams.bus.topics import partition_of
from streams.history.past import Past
from streams.history.refold import refold
from streams.ports import Codec, Log
from streams.read_ports import Line, Parts, Table
from streams.scenario import at
from tests.logs.read_models import MODELS

START = at("2024-09-01")
HOUR = 3_600_000_000


def model(name: str) -> ReadModel[Any]:
    """Return a read model by name."""
    return next(each for each in READ_MODELS if each.name == name)


CHOSEN = tuple(map(model, MODELS))


class City:
    """Makes plausible events endlessly; the same seed makes the same events."""

    def __init__(
        self, seed: int, *, people: int = 60, merges: float = 0.02, retractions: float = 0.0
    ) -> None:
        self._random, self._people, self._merges = random.Random(seed), people, merges
        self._retractions, self._standing = retractions, list[Event]()
        self._ids = count(1)
        self._seed = seed
        self._merged: dict[str, str] = {}

    def events(self, number: int) -> list[Event]:
        """Return the next events."""
        return [self._next() for _ in range(number)]

    def _next(self) -> Event:
        index = next(self._ids)
        envelope = {"id": f"{self._seed}-{index}", "source": "/test", "occurred_at": START + index * HOUR}
        person = f"p-{self._random.randrange(self._people)}"
        if self._random.random() < self._merges:
            return self._alias(person, envelope)
        if self._standing and self._random.random() < self._retractions:
            return retraction(self._standing.pop(self._random.randrange(len(self._standing))), **envelope)
        made = self._ordinary(person, envelope)
        self._standing.append(made)
        return made

    def _alias(self, person: str, envelope: dict[str, Any]) -> Event:
        if self._merged and self._random.random() < 0.5:
            name, into = self._merged.popitem()
            return PersonsSeparated(separated=name, surviving=into, merge="/test#x", **envelope)
        other = f"p-{self._random.randrange(self._people)}"
        if other == person or person in self._merged or other in self._merged:
            return self._ordinary(person, envelope)
        self._merged[person] = other
        return PersonsMerged(merged=person, surviving=other, **envelope)

    def _ordinary(self, person: str, envelope: dict[str, Any]) -> Event:
        r = self._random
        a, b = f"s-{r.randrange(7)}", f"s-{r.randrange(7)}"
        d, grade = "d-1", r.randrange(1, 6)
        choices: list[Callable[[], Event]] = [
            lambda: SchoolRegistered(
                school=a, name=f"School {a}", district=d, stages=["primary"], **envelope
            ),
            lambda: StudentEnrolled(
                person=person,
                school=a,
                district=d,
                stage="primary",
                grade=grade,
                class_name="一班",
                **envelope,
            ),
            lambda: StudentPromoted(
                person=person,
                school=a,
                district=d,
                stage="primary",
                from_grade=grade,
                to_grade=grade + 1,
                **envelope,
            ),
            lambda: StudentTransferred(
                person=person,
                from_school=a,
                to_school=b,
                from_district=d,
                to_district=d,
                stage="primary",
                grade=grade,
                **envelope,
            ),
            lambda: StudentLeaveStarted(
                person=person, school=a, until="2025-01-01", reason=b"illness", **envelope
            ),
            lambda: StudentResumed(person=person, school=a, **envelope),
            lambda: StudentGraduated(
                person=person, school=a, district=d, stage="primary", grade=grade, **envelope
            ),
            lambda: TeacherAppointed(
                person=person,
                appointment=f"a-{r.randrange(50)}",
                school=b,
                district=d,
                post="teacher",
                **envelope,
            ),
        ]
        return r.choice(choices)()


def belated(event: Event, dice: random.Random, late: float) -> Event:
    """Return an event as it is or, with probability `late`, as one that occurred up to 200 hours earlier."""
    if dice.random() >= late:
        return event
    return structs.replace(event, occurred_at=event.occurred_at - dice.randrange(200) * HOUR)


def retraction(event: Event, **envelope: Any) -> EventRetracted:
    """Return the retraction of an event."""
    return EventRetracted(
        event=f"{event.source}#{event.id}",
        event_type=names()[type(event)],
        carries=list(tags(event)),
        reason="entered-by-mistake",
        **envelope,
    )


def append(log: Log, codec: Codec, events: Sequence[Event], batch: int = 500) -> None:
    """Append events without judging them."""
    for start in range(0, len(events), batch):
        log.append([codec.propose(each) for each in events[start : start + batch]])


def rows(parts: Parts, name: str) -> dict[Key, Line]:
    """Return all live rows of a read model, at one moment."""
    return {key: line for key, line in lines(parts, name).items() if line.row is not None}


def lines(parts: Parts, name: str) -> dict[Key, Line]:
    """Return all live rows of a read model and those that were removed, at one moment."""
    found, values = model(name), tagged(parts, name)
    live = parts.store.live()[name]
    with parts.store.transaction() as store:
        return dict(store.of_tags(Table(found, live.table), sorted(values)))


def keys(parts: Parts, name: str) -> Iterator[Key]:
    """Yield the keys of all rows that a read model could have."""
    found = model(name)
    for stored in parts.log.read(0, limit=1_000_000):
        event = parts.codec.decode(stored)
        if isinstance(event, found.fold.events):
            yield from found.keys(event)


def tagged(parts: Parts, name: str) -> set[str]:
    """Return all values of a read model's tag, also those that have rows only under an alias."""
    kind, log = model(name).fold.tag, parts.log.read(0, limit=1_000_000)
    return {value for stored in log for value in tag_values(parts.codec.decode(stored), kind)}


def folded(parts: Parts, name: str) -> dict[Key, Line]:
    """Return all rows of a read model, removed ones included, folded from their own histories."""
    found = model(name)
    marks = parts.store.snapshot(Table(found, parts.store.live()[name].table), [])[0]
    again: dict[Key, Line] = {}
    for value in tagged(parts, name):
        upto = marks[partition_of(value, len(marks))].position
        refolded = refold(found, value, Past(parts.log, parts.codec, upto=upto))
        again |= refolded.lines | refolded.removed
    return again


def assert_sound(parts: Parts, names: Sequence[str]) -> None:
    """Assert that the live rows equal a fold of their histories."""
    for name in names:
        live, afresh = lines(parts, name), folded(parts, name)
        assert live.keys() == afresh.keys(), name
        for key, line in live.items():
            assert line.same(afresh[key]), (name, key, line, afresh[key])
