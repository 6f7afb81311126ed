"""Aliases: an event that merges two numbers makes the history of one part of the other's history."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from events.catalogue import names
from events.contract import fields
from events.event import Alias, Event


@cache
def alias_of(cls: type[Event]) -> tuple[str, str, Alias] | None:
    """Return the tag kind, field and mark of the alias that events of a class begin or end, None if they do neither."""
    for field in fields(cls):
        if field.alias and field.tag:
            return field.tag.kind, field.name, field.alias
    return None


def begins_alias(cls: type[Event]) -> bool:
    """Return whether events of a class make a tag another name of another tag."""
    found = alias_of(cls)
    return found is not None and not found[2].ends


@cache
def alias_types(kind: str) -> tuple[type[Event], ...]:
    """Return the classes that begin or end aliases of a kind of tag."""
    return tuple(each for each in names() if (found := alias_of(each)) and found[0] == kind)


def other_names(value: str, history: Iterable[Event]) -> set[str]:
    """Return the values that are other names of `value` after its alias events, `history`.

    These are the names merged into `value` itself; for the names of those, call again with their histories.
    """
    found: set[str] = set()
    for event in history:
        alias = alias_of(type(event))
        if alias and getattr(event, alias[2].of) == value:
            name = getattr(event, alias[1])
            if alias[2].ends:
                found.discard(name)
            else:
                found.add(name)
    return found
