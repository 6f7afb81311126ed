"""Refold: fold the rows of one tag from its history. Live rows must always equal the result."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Struct

from events.alias import alias_of
from events.catalogue import names
from events.entry import key
from events.event import Event
from events.fold import REMOVED
from projections.read_model import Key, ReadModel
from streams.history.past import DecodedHistory, Past
from streams.history.version import renames, subscription
from streams.read_ports import Held, Line

LONGEST_REASON = 500
"""Characters kept of an error's message, which may quote a whole event."""
AFTER = "an event before it is held"
NOT_STORABLE = "the row would have a value that cannot be stored"
ENCODED_NUL = rb"\u0000"
"""How JSON encodes the character NUL, which a database does not store in text."""


class Refolded(Struct):
    """The rows of a value of a tag; `held` are the event that ended the fold, and all after it.

    `removed` has the lines of rows that were removed. If `merged`, the value is an alias of another one and has no
    rows of its own.
    """

    lines: dict[Key, Line]
    held: list[Held] = []
    merged: bool = False
    removed: dict[Key, Line] = {}

    def line(self, row: Key) -> Line | None:
        """Return the line of a row, also if it was removed; None if it never was."""
        return self.lines.get(row) or self.removed.get(row)


def refold(model: ReadModel[Any], value: str, past: Past) -> Refolded:
    """Fold the rows of a value of the model's tag from its history, aliases included."""
    tag = f"{model.fold.tag}:{value}"
    return refold_events(model, value, past.apart({tag: subscription(model)})[tag])


def refold_events(
    model: ReadModel[Any], value: str, history: DecodedHistory, keys: Container[Key] | None = None
) -> Refolded:
    """Fold the rows of a value from its history: all, or those with these keys.

    An event that cannot be folded holds all that follow it, so that of some rows only there may be more to fold.
    """
    if is_merged(value, history.events, model.fold.tag):
        return Refolded({}, merged=True)
    readable = history.readable()
    folded = fold(model, value, readable, keys=keys)
    if not all(storable(each.row) for each in folded.lines.values()):
        folded = fold(model, value, readable, storable, keys=keys)
    if folded.held:
        folded.held += _after(model, value, history.behind())
    elif history.broken:
        tag = f"{model.fold.tag}:{value}"
        folded.held = [msgspec.structs.replace(history.broken, tag=key(tag), text=tag)]
        folded.held += _after(model, value, history.behind())
    _raise_positions(model, value, history, folded.lines)
    return folded


def _raise_positions(
    model: ReadModel[Any], value: str, history: DecodedHistory, lines: dict[Key, Line]
) -> None:
    """Count what rewrote rows: aliases rewrite all rows of a value, a retraction those of the event that it takes back."""
    joined = max((each.position for each in history.events if renames(model, each)), default=0)
    for line in lines.values():
        line.position = max(line.position, joined)
    for event, position in history.taken_back:
        for each in rows_of(model, value, event):
            if (found := lines.get(each)) is not None:
                found.position = max(found.position, position)


def _after(model: ReadModel[Any], value: str, events: Iterable[Event]) -> list[Held]:
    """Return the events of a value that come after a held one, held as well."""
    tag = f"{model.fold.tag}:{value}"
    return [held_event(tag, each, AFTER) for each in events if isinstance(each, model.fold.events)]


def held_event(tag: str, event: Event, why: str) -> Held:
    """Return an event as it is held under a tag."""
    return Held(key(tag), tag, event.occurred_at, event.position, names()[type(event)], why)


def is_merged(value: str, events: Sequence[Event], kind: str) -> bool:
    """Report whether a value is an alias of another one after these events. Aliases are knowledge: positions count."""
    begun = [each for each in events if (found := alias_of(type(each))) and found[0] == kind]
    merged = False
    for event in sorted(begun, key=attrgetter("position")):
        found = alias_of(type(event))
        if found and getattr(event, found[1]) == value:
            merged = not found[2].ends
    return merged


def fold(
    model: ReadModel[Any],
    value: str,
    events: Sequence[Event],
    sound: Callable[[Any], bool] | None = None,
    *,
    keys: Container[Key] | None = None,
) -> Refolded:
    """Fold events of a value's history, in their order, up to the first that cannot be folded.

    With `sound`, an event that leaves an unsound row cannot be folded either. With `keys`, only these rows are folded.
    """
    lines: dict[Key, Line] = {}
    taken = frozenset(model.fold.events)
    for index, event in enumerate(events):
        if type(event) in taken:
            try:
                evolve(model, value, event, lines, keys)
                if sound and not all(each.row is None or sound(each.row) for each in lines.values()):
                    raise ValueError(NOT_STORABLE)  # noqa: TRY301 - held like all that cannot be folded
            except Exception as error:  # noqa: BLE001 - whatever evolve raises, the event is held with it
                held = held_event(f"{model.fold.tag}:{value}", event, reason(error))
                before = fold(model, value, events[:index], keys=keys)
                before.held = [held, *_after(model, value, events[index + 1 :])]
                return before
    there = {each: line for each, line in lines.items() if line.row is not None}
    removed = {each: Line(None, 0, line.at) for each, line in lines.items() if line.row is None}
    return Refolded(there, removed=removed if model.removes else {})


def evolve(
    model: ReadModel[Any],
    value: str,
    event: Event,
    lines: dict[Key, Line],
    keys: Container[Key] | None,
) -> None:
    """Fold one event into the rows of a value, or into those with these keys; a row that is removed becomes None."""
    for each in keys_as(model, value, event):
        if keys is not None and each not in keys:
            continue
        line = lines.get(each)
        if line is None:
            line = lines[each] = Line(model.row(*each), 0)
        elif line.row is None:
            line.row = model.row(*each)
        if model.fold.evolve(line.row, event) is REMOVED:
            line.row = None
        line.position = max(line.position, event.position)
        if type(event) in model.bound:
            line.at = event.occurred_at


def rows_of(model: ReadModel[Any], value: str, event: Event) -> Iterable[Key]:
    """Return the keys of the rows that an event of a value's history was folded into, none if it could not be."""
    if type(event) not in model.fold.events:
        return ()
    try:
        return keys_as(model, value, event)
    except Exception:  # noqa: BLE001 - whatever finding its rows raises, it was held then
        return ()


def keys_as(model: ReadModel[Any], value: str, event: Event) -> dict[Key, None]:
    """Return the keys of the rows of `value` that an event of its history changes, whichever alias it carries."""
    return dict.fromkeys(model.keys_of(value, event))


def reason(error: Exception) -> str:
    """Return why an event cannot be folded, as text."""
    return f"{type(error).__name__}: {error}"[:LONGEST_REASON]


def storable(row: Any) -> bool:
    """Report whether a database can store a row: its text knows no character NUL."""
    encoded = msgspec.json.encode(row)
    return ENCODED_NUL not in encoded or not _has_nul(msgspec.to_builtins(row))


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case list() | tuple():
            return any(map(_has_nul, value))
        case dict():
            return any(map(_has_nul, value)) or any(map(_has_nul, value.values()))
    return False
