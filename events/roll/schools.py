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
    """A school has been merged into another (学校合并); each of its pupils is transferred afterwards."""

    school: SchoolId
    into: SchoolId


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
