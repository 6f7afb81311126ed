"""Schools: the school database (学校库)."""

from __future__ import annotations

from events.event import Event, Name, SchoolId, Text
from events.roll.vocabulary import DistrictId, Stage


class SchoolRegistered(Event, frozen=True):
    """A school has entered the school database (学校库)."""

    school: SchoolId
    name: Name
    district: DistrictId
    stages: list[Stage]


class SchoolDetailsChanged(Event, frozen=True):
    """A school's name, or the stages it teaches, have changed; None leaves a detail as it was."""

    school: SchoolId
    name: Name | None = None
    stages: list[Stage] | None = None


class SchoolsMerged(Event, frozen=True):
    """A school has been merged into another (学校合并); a transfer of each of its pupils follows."""

    school: SchoolId
    into: SchoolId


class SchoolClosed(Event, frozen=True):
    """A school has closed and takes nobody any more."""

    school: SchoolId
    reason: Text


EVENTS = (
    SchoolRegistered,
    SchoolDetailsChanged,
    SchoolsMerged,
    SchoolClosed,
)
