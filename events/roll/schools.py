"""Schools, for the school database (学校库)."""

from __future__ import annotations

from events.event import Event, Name, SchoolId, Text
from events.roll.vocabulary import DistrictId, Stage


class SchoolRegistered(Event, frozen=True):
    """A school has been entered in the school database (学校库)."""

    school: SchoolId
    name: Name
    district: DistrictId
    stages: list[Stage]


class SchoolDetailsChanged(Event, frozen=True):
    """A school's name, or the stages that it teaches, have changed; a detail that is null stays as it was."""

    school: SchoolId
    name: Name | None = None
    stages: list[Stage] | None = None


class SchoolsMerged(Event, frozen=True):
    """A school has been merged into another (学校合并); each of its pupils is transferred afterwards.

    `also` lists the schools that had been merged into it before: pupils who are still on their rolls go to the last one.
    """

    school: SchoolId
    into: SchoolId
    also: list[SchoolId] = []


class SchoolClosed(Event, frozen=True):
    """A school has closed; it takes no more pupils or teachers."""

    school: SchoolId
    reason: Text


EVENTS = (
    SchoolRegistered,
    SchoolDetailsChanged,
    SchoolsMerged,
    SchoolClosed,
)
