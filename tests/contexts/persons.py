"""Registered persons, on whom histories of the other contexts depend."""

from __future__ import annotations

from events.event import Event
from events.identity.persons import PersonRegistered
from streams.scenario import at


def registered(*persons: str) -> list[Event]:
    """Return the registrations of these persons, with a name that stands for a sealed one."""
    return [PersonRegistered(person=each, name=b"sealed", occurred_at=at("2000-01-01")) for each in persons]
