"""Sample events: one of each class with sensible fields, for tests to vary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from events.event import Event
from streams.scenario import at

E = TypeVar("E", bound=Event)


def in_turn(*events: Event) -> list[Event]:
    """Return events each of which occurs no earlier than those before it."""
    latest, found = 0, list[Event]()
    for event in events:
        latest = max(latest, event.occurred_at)
        found.append(replace(event, occurred_at=latest))
    return found


def after(history: Iterable[Event], event: E) -> E:
    """Return an event that occurs no earlier than any of a history."""
    latest = max((each.occurred_at for each in history), default=0)
    return replace(event, occurred_at=max(latest, event.occurred_at))


class Samples:
    """The usual day and fields of each class of events."""

    def __init__(self, usual: Mapping[type[Event], tuple[str, dict[str, Any]]]) -> None:
        self._usual = usual

    def __call__(self, cls: type[E], day: str | None = None, **changes: Any) -> E:
        """Return the sample of a class, on another day or with other fields if given."""
        usual_day, fields = self._usual[cls]
        return cls(**fields | {"occurred_at": at(day or usual_day)} | changes)
