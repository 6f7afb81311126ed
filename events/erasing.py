"""Events that erase: after one, a person's personal data can no longer be read, except for what is kept."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from msgspec import Struct

from events.catalogue import names
from events.contract import fields, personal_fields
from events.event import Erases, Event

Pair = tuple[str, str]
"""A person's number and a retention class: each pair has a key of its own."""


class Kept(Struct, frozen=True):
    """A retention class that is kept, its ground, and its last day; None means permanently."""

    retention: str
    ground: str
    until: str | None = None


class Erased(Struct, frozen=True):
    """The tag of an erased person, the retention classes that can no longer be read, and those that are kept."""

    tag: str
    gone: tuple[str, ...]
    kept: tuple[Kept, ...]

    def due(self, today: str) -> tuple[str, ...]:
        """Return the classes that can no longer be read on a day, including those kept until an earlier day."""
        return (*self.gone, *(each.retention for each in self.kept if each.until and each.until < today))


@cache
def _erasing(cls: type[Event]) -> tuple[str, str, Erases] | None:
    for each in fields(cls):
        if each.erases and each.tag:
            return each.name, each.tag.kind, each.erases
    return None


@cache
def erasing_types() -> tuple[type[Event], ...]:
    """Return the classes that erase."""
    return tuple(each for each in names() if _erasing(each))


@cache
def retention_classes() -> Collection[str]:
    """Return all retention classes under which personal fields are sealed."""
    marks = (each.personal for cls in names() for each in personal_fields(cls))
    return tuple(sorted({mark.retention for mark in marks if mark}))


def erased(event: Event) -> Erased | None:
    """Return the person whom an event erases, None if it erases nobody."""
    found = _erasing(type(event))
    if found is None:
        return None
    name, kind, mark = found
    kept = tuple(Kept(each.retention, each.ground, each.until) for each in getattr(event, mark.keeps))
    spared = {each.retention for each in kept}
    gone = tuple(each for each in retention_classes() if each not in spared)
    return Erased(f"{kind}:{getattr(event, name)}", gone, kept)
