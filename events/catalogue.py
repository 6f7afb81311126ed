"""All events by context: the one place that gives each class its wire name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from events import audit, calendar, evaluation, identity, integrity, learning, projects, roll
from events.contract import tag_fields
from events.event import Event, Statement, Tag

CONTEXTS: Mapping[str, tuple[type[Event], ...]] = {
    "calendar": calendar.EVENTS,
    "identity": identity.EVENTS,
    "roll": roll.EVENTS,
    "evaluation": evaluation.EVENTS,
    "learning": learning.EVENTS,
    "projects": projects.EVENTS,
    "integrity": integrity.EVENTS,
    "audit": audit.EVENTS,
}


@cache
def by_name() -> Mapping[str, type[Event]]:
    """Return every event class by its wire name, such as `roll.StudentEnrolled`."""
    return {f"{context}.{each.__name__}": each for context, events in CONTEXTS.items() for each in events}


@cache
def publishable() -> Mapping[str, type[Event]]:
    """Return the events that publishers send; all others are this system's own statements."""
    return {name: cls for name, cls in by_name().items() if not issubclass(cls, Statement)}


@cache
def names() -> Mapping[type[Event], str]:
    """Return the wire name of every event class."""
    return {cls: name for name, cls in by_name().items()}


@cache
def kinds() -> Mapping[str, Tag]:
    """Return the declaration of every kind of tag. Raises TypeError if a kind is declared in two ways."""
    found: dict[str, Tag] = {}
    for name, cls in by_name().items():
        for tag in (each.tag for each in tag_fields(cls)):
            if tag and not found.setdefault(tag.kind, tag).is_like(tag):
                raise TypeError(
                    f"{name} declares the tag kind '{tag.kind}' as {tag}, others as {found[tag.kind]}"
                )
    return found
