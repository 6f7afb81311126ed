"""Events that rewrite earlier history: an alias joins two histories, a retraction takes an event out."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cache

from events.alias import alias_of, alias_types
from events.catalogue import by_name, names
from events.contract import fields
from events.event import Event


@cache
def retracting_field(cls: type[Event]) -> str | None:
    """Return the field that names the event which events of a class retract, None if they retract nothing."""
    return next((each.name for each in fields(cls) if each.retracts), None)


@cache
def retraction_types() -> tuple[type[Event], ...]:
    """Return the classes that retract other events."""
    return tuple(each for each in names() if retracting_field(each))


@cache
def retraction_kind() -> str:
    """Return the kind of the tag by which the retractions of an event are found; its value is the event's identity."""
    (found,) = {
        each.tag.kind for cls in retraction_types() for each in fields(cls) if each.retracts and each.tag
    }
    return found


@cache
def rewriting_types(kind: str) -> tuple[type[Event], ...]:
    """Return the classes whose events rewrite the histories of a kind of tag."""
    return (*alias_types(kind), *retraction_types())


@cache
def rewrites(cls: type[Event]) -> bool:
    """Return whether events of a class rewrite earlier history."""
    return alias_of(cls) is not None or retracting_field(cls) is not None


def retractions_of(identity: tuple[str, str]) -> dict[str, tuple[type[Event], ...]]:
    """Return the tags under which retractions of an event (source, id) are found, each with their classes."""
    found: dict[str, tuple[type[Event], ...]] = {}
    for cls in retraction_types():
        for field in fields(cls):
            if field.retracts and field.tag:
                tag = f"{field.tag.kind}:{'#'.join(identity)}"
                found[tag] = (*found.get(tag, ()), cls)
    return found


def retracted(event: Event) -> tuple[str, str] | None:
    """Return the identity (source, id) of the event that an event retracts, None if it retracts nothing."""
    field = retracting_field(type(event))
    if field is None:
        return None
    source, _, identity = getattr(event, field).rpartition("#")
    return source, identity


def takes_back(event: Event, types: Container[type[Event]]) -> bool:
    """Return whether an event retracts an event of one of these types."""
    field = _type_field(type(event))
    return field is not None and by_name().get(getattr(event, field)) in types


@cache
def _type_field(cls: type[Event]) -> str | None:
    return next((each.cites.kind for each in fields(cls) if each.retracts and each.cites), None)


def taken_back(history: Sequence[Event]) -> list[tuple[Event, int]]:
    """Return the events of a history that it retracts, each with the position of its retraction."""
    gone = {found: each.position for each in history if (found := retracted(each))}
    if not gone:
        return []
    return [(each, gone[each.source, each.id]) for each in history if (each.source, each.id) in gone]


def effective(history: Sequence[Event]) -> Sequence[Event]:
    """Return a history without the events that it retracts; the retractions stay."""
    gone = {retracted(event) for event in history} - {None}
    return [each for each in history if (each.source, each.id) not in gone] if gone else history
