"""Explain a row: which event set which field."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from events.catalogue import names
from events.event import Event
from events.extensions import Extensions
from events.fold import REMOVED
from projections.read_model import Key, ReadModel
from streams.history.past import DecodedHistory, past_at
from streams.history.refold import is_merged, keys_as
from streams.ports import Codec, Log


class Origin(Struct, frozen=True):
    """The event that last set a field, by its envelope."""

    type: str
    position: int
    source: str
    id: str
    occurred_at: int
    recorded_at: int
    extensions: Extensions = ()


class Explained(Struct, frozen=True):
    """A field's value and its origin, None if no event has set it."""

    value: Any
    origin: Origin | None


def explain(
    log: Log,
    codec: Codec,
    model: ReadModel[Any],
    key: Key,
    *,
    known_at: int | None = None,
    true_at: int | None = None,
    whole: bool = False,
) -> dict[str, Explained] | None:
    """Fold a row step by step; return for each field the event that last changed it, or None if there is no row.

    With `known_at` or `true_at` (microseconds since 1970) explain the row as it was known at that time, or as it
    truly was; `whole` is as for `Past.of_row`. The fields of the key come from the row's first event.
    """
    past = past_at(log, codec, known_at=known_at, true_at=true_at)
    return explained(model, key, past.of_row(model, key, whole=whole))


def explained(model: ReadModel[Any], key: Key, history: DecodedHistory) -> dict[str, Explained] | None:
    """Explain a row by its value's history."""
    value, taken = str(key[0]), frozenset(model.fold.events)
    if is_merged(value, history.events, model.fold.tag):
        return None
    steps = _Steps(model, key)
    for event in history.readable():
        if type(event) in taken and not steps.take(value, event):
            break
    return steps.explained()


class _Steps:
    def __init__(self, model: ReadModel[Any], key: Key) -> None:
        self._model, self._key = model, key
        self._row: Any = None
        self._before: dict[str, bytes] = {}
        self._origins: dict[str, Origin] = {}

    def take(self, value: str, event: Event) -> bool:
        """Fold one event; report whether to go on: one that cannot be folded is held, and so are all after it."""
        row = None
        try:
            if self._key not in keys_as(self._model, value, event):
                return True
            row = self._copy()
            removed = self._model.fold.evolve(row, event) is REMOVED
        except Exception:  # noqa: BLE001 - what evolve raises holds the event; the row stays as it was before
            return False
        if removed:
            self._row, self._before, self._origins = None, {}, {}
        else:
            self._attribute(row, event)
        return True

    def _copy(self) -> Any:
        if self._row is None:
            return self._model.row(*self._key)
        return msgspec.msgpack.decode(msgspec.msgpack.encode(self._row), type=self._model.row)

    def _attribute(self, row: Any, event: Event) -> None:
        origin = origin_of(event)
        for name in self._model.row.__struct_fields__:
            now = msgspec.msgpack.encode(getattr(row, name))
            before = self._before.get(name)
            if before is None and name not in self._model.key:
                before = msgspec.msgpack.encode(getattr(self._model.row(*self._key), name))
            if now != before:
                self._origins[name] = origin
            self._before[name] = now
        self._row = row

    def explained(self) -> dict[str, Explained] | None:
        """Return the fields of the row, None if there is no row."""
        if self._row is None:
            return None
        return {
            name: Explained(getattr(self._row, name), self._origins.get(name))
            for name in self._model.row.__struct_fields__
        }


def origin_of(event: Event) -> Origin:
    """Return the envelope of an event."""
    return Origin(
        names()[type(event)],
        event.position,
        event.source,
        event.id,
        event.occurred_at,
        event.recorded_at,
        event.extensions,
    )
