"""The naive reference: rows folded from a plain list, sorted by when events occurred and then by position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from events.alias import alias_of
from events.event import Event
from events.fold import REMOVED
from events.order import NEVER
from events.rewriting import retracted
from projections.read_model import Key, ReadModel
from streams.read_ports import Line


def naive(
    model: ReadModel[Any], events: Sequence[Event], *, upto: int | None = None, true_at: int | None = None
) -> dict[Key, Line]:
    """Return all rows of a model, removed ones included: what was known up to a position, of what had occurred by a time.

    Aliases and retractions are knowledge: they count from their position on, whatever `true_at` says. A row's
    position is the greatest of all events that were routed to it and of their retractions; aliases are left aside.
    """
    known = [each for each in events if upto is None or each.position <= upto]
    into = _aliases(model.fold.tag, known)
    gone = {found: each.position for each in known if (found := retracted(each))}
    rows: dict[Key, Any] = {}
    last: dict[Key, int] = {}
    positions: dict[Key, int] = {}
    for event in sorted(known, key=lambda each: (each.occurred_at, each.position)):
        late = true_at is not None and event.occurred_at > true_at
        if late or not isinstance(event, model.fold.events):
            continue
        taken_back = gone.get((event.source, event.id))
        for key in dict.fromkeys((_root(into, value), *part) for value, *part in model.keys(event)):
            positions[key] = max(positions.get(key, 0), taken_back or event.position)
            if taken_back:
                continue
            row = rows[key] if key in rows else model.row(*key)
            if type(event) not in model.anytime:
                last[key] = event.occurred_at
            if model.fold.evolve(row, event) is REMOVED:
                rows.pop(key, None)
            else:
                rows[key] = row
    removed = {key: Line(None, 0, at) for key, at in last.items() if key not in rows}
    return {key: Line(row, positions[key], last.get(key, NEVER)) for key, row in rows.items()} | removed


def _aliases(kind: str, known: Sequence[Event]) -> dict[str, str]:
    into: dict[str, str] = {}
    for event in sorted(known, key=lambda each: each.position):
        found = alias_of(type(event))
        if found and found[0] == kind:
            _, field, alias = found
            if alias.ends:
                into.pop(getattr(event, field), None)
            else:
                into[getattr(event, field)] = getattr(event, alias.of)
    return into


def _root(into: dict[str, str], value: str) -> str:
    while value in into:
        value = into[value]
    return value
