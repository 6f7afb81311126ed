"""Erasing events: from them on the personal data of somebody can be read no more, but for what is kept."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from msgspec import Struct

from events.catalogue import names
from events.contract import fields, personal_fields
from events.event import Erases, Event


class Erased(Struct, frozen=True):
    """Who was erased: the tag, and the retention classes whose data can be read no more, and that are kept."""

    tag: str
    gone: tuple[str, ...]
    kept: tuple[str, ...]


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
    """Return all retention classes that personal fields are sealed under."""
    marks = (each.personal for cls in names() for each in personal_fields(cls))
    return tuple(sorted({mark.retention for mark in marks if mark}))


def erased(event: Event) -> Erased | None:
    """Return who was erased by an event, None where it erases nobody."""
    found = _erasing(type(event))
    if found is None:
        return None
    name, kind, mark = found
    kept = {each.retention for each in getattr(event, mark.keeps)}
    classes = retention_classes()
    return Erased(
        f"{kind}:{getattr(event, name)}",
        tuple(each for each in classes if each not in kept),
        tuple(each for each in classes if each in kept),
    )
