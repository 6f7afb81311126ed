"""Rows with a life cycle: each step sets the row's status and may record its day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from events.event import Event


class Step(Struct, frozen=True):
    """A step in a row's life cycle: the `status` that it sets, and the field that holds its `day`, if any."""

    status: str
    day: str = ""


class LifeCycle:
    """The steps that rows of a class take, by class of event; other events are not steps.

    `since` names the field that holds the day of the latest step, whichever it was.
    """

    __slots__ = ("_since", "_steps", "statuses")

    def __init__(self, row: type[Struct], steps: Mapping[type[Event], Step], *, since: str = "") -> None:
        """Raise TypeError if the class lacks `status`, or a field named for a day."""
        self._steps, self._since = dict(steps), since
        self.statuses = tuple(dict.fromkeys(each.status for each in steps.values()))
        named = {"status", *(each.day for each in steps.values()), since} - {""}
        if unknown := sorted(named - set(row.__struct_fields__)):
            raise TypeError(f"the life cycle of {row.__name__} names fields that it lacks: {unknown}")

    def follow(self, row: Any, event: Event) -> None:
        """Take the step of an event, if the event is one."""
        step = self._steps.get(type(event))
        if step is None:
            return
        row.status = step.status
        if step.day:
            setattr(row, step.day, event.day)
        if self._since:
            setattr(row, self._since, event.day)
