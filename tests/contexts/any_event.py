"""An event of any class about a person: for tests over all classes."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from msgspec import Struct

from events.contract import Field, fields
from events.event import Event
from streams.scenario import at


def any_event(
    cls: type[Event], person: str, identity: str, *, day: str = "2024-01-01", **given: Any
) -> Event:
    """Return an event of a class about a person; its other fields have any value of their type."""
    made = {each.name: _plain(each, person) for each in fields(cls)}
    return cls(**made | given, id=identity, source="s", occurred_at=at(day))


def _plain(field: Field, person: str) -> Any:
    if field.tag and field.tag.kind == "person":
        return person
    if field.optional:
        return None
    return field.default if not field.required else _value(field, person)


def _value(field: Field, person: str) -> Any:
    if get_origin(field.base) in (Literal, list):
        return get_args(field.base)[0] if get_origin(field.base) is Literal else []
    if isinstance(field.base, type) and issubclass(field.base, Struct):
        return field.base(**{each.name: _plain(each, person) for each in fields(field.base)})
    if field.calendar:
        return "2024-01-01"
    return b"sealed" if field.personal else {str: "any", int: 1, bool: False}[field.base]
