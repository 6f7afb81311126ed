"""Sample events: one of each class with sensible fields, for tests to vary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from events.event import Event
from streams.scenario import at

E = TypeVar("E", bound=Event)


class Samples:
    """The usual day and fields of each class of events."""

    def __init__(self, usual: Mapping[type[Event], tuple[str, dict[str, Any]]]) -> None:
        self._usual = usual

    def __call__(self, cls: type[E], day: str | None = None, **changes: Any) -> E:
        """Return the sample of a class, on another day or with other fields if given."""
        usual_day, fields = self._usual[cls]
        return cls(**fields | {"occurred_at": at(day or usual_day)} | changes)
