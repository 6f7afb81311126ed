"""All events by context: the one place that gives a class its wire name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from events import audit, evaluation, identity, integrity, learning, projects, roll
from events.event import Event, Statement

CONTEXTS: Mapping[str, tuple[type[Event], ...]] = {
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
    """Return every event class by its wire name, `roll.StudentEnrolled`."""
    return {f"{context}.{each.__name__}": each for context, events in CONTEXTS.items() for each in events}


@cache
def publishable() -> Mapping[str, type[Event]]:
    """Return those that publishers send; the others this system states itself."""
    return {name: cls for name, cls in by_name().items() if not issubclass(cls, Statement)}


@cache
def names() -> Mapping[type[Event], str]:
    """Return the wire name of every event class."""
    return {cls: name for name, cls in by_name().items()}
