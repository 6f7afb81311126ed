"""Fold the rows of one tag afresh from its history: what live rows must be equal to, whenever one asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from events.alias import alias_of
from events.catalogue import names
from events.entry import Stored, key, parse
from events.event import Event
from events.fold import REMOVED
from events.rewriting import retracted
from projections.read_model import Key, ReadModel
from streams.history.histories import Histories
from streams.history.version import rewrites_rows, subscription
from streams.ports import Codec, Log, Undecodable
from streams.read_ports import Held, Line

LONGEST_REASON = 500
AFTER = "an event before it is held"
NOT_STORABLE = "the row would have a value that cannot be stored"
ENCODED_NUL = rb"\u0000"


class Told(Struct):
    """A history, and the first entry in it that cannot be decoded."""

    events: Sequence[Event]
    broken: Held | None = None

    def readable(self) -> Sequence[Event]:
        """Return the events before that entry."""
        end = self.broken.position if self.broken else None
        return self.events if end is None else [each for each in self.events if each.position < end]


class Past(Histories):
    """Histories as they were: what had been recorded up to a position, or had occurred by a time.

    Where an entry cannot be decoded, the history ends before it; `broken` tells of the first one.
    """

    def __init__(
        self, log: Log, codec: Codec, *, upto: int | None = None, true_at: int | None = None
    ) -> None:
        super().__init__(log, codec, upto=upto)
        self._true_at = true_at
        self.broken: Held | None = None

    def taken(self, stored: Sequence[Stored], wanted: Collection[str]) -> Iterable[Event]:
        """Decode what belongs to this past; what cannot be decoded is noted, and left out."""
        for each in stored:
            try:
                event = self._codec.decode(each)
            except Undecodable as error:
                self._break(each.entry, error, next(iter(wanted)))
                continue
            if self._true_at is None or event.occurred_at <= self._true_at or retracted(event):
                yield event

    def apart(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, Told]:
        """Return the history of each wanted tag, and of each the first entry in it that cannot be decoded."""
        found = self._afresh().read(wanted)
        if self.broken is None:
            return {tag: Told(events) for tag, events in found.items()}
        # It cannot be told whose history is broken: each is looked at alone.
        return {tag: self._alone(tag, types) for tag, types in wanted.items()}

    def _alone(self, tag: str, types: tuple[type[Event], ...]) -> Told:
        events = self._afresh().read({tag: types})[tag]
        return Told(events, self.broken)

    def _afresh(self) -> Past:
        self.broken = None
        return self

    def _break(self, entry: bytes, error: Undecodable, tag: str) -> None:
        if self.broken is None or error.position < self.broken.position:
            self.broken = Held(key(tag), tag, error.position, type_of(entry), error.reason)


def type_of(entry: bytes) -> str:
    """Return the type of an entry, `unknown` where not even that can be read."""
    try:
        return parse(entry).type
    except ValueError:
        return "unknown"


class Refolded(Struct):
    """The rows of a value of a tag; `held` is the event that they could not take, which ended the fold, and all after.

    `merged` tells that the value is another name of another one: then it has no rows of its own.
    """

    lines: dict[Key, Line]
    held: list[Held] = []
    merged: bool = False


def refold(model: ReadModel[Any], value: str, past: Past) -> Refolded:
    """Fold the rows of a value of the model's tag from its history, other names included."""
    tag = f"{model.fold.tag}:{value}"
    return refold_events(model, value, past.apart({tag: subscription(model)})[tag])


def refold_events(model: ReadModel[Any], value: str, told: Told) -> Refolded:
    """Fold the rows of a value from its history."""
    tag, broken, readable = f"{model.fold.tag}:{value}", told.broken, told.readable()
    if is_merged(value, readable, model.fold.tag):
        return Refolded({}, merged=True)
    folded = fold(model, value, readable)
    if not all(storable(each.row) for each in folded.lines.values()):
        folded = fold(model, value, readable, storable)
    if broken:
        if not folded.held:
            folded.held = [msgspec.structs.replace(broken, tag=key(tag), text=tag)]
        folded.held += _after(model, tag, told.events[len(readable) :])
    return folded


def _after(model: ReadModel[Any], tag: str, events: Iterable[Event]) -> list[Held]:
    """Hold the events of a tag that come after one that is held."""
    return [
        Held(key(tag), tag, each.position, names()[type(each)], AFTER)
        for each in events
        if isinstance(each, model.fold.events)
    ]


def is_merged(value: str, events: Sequence[Event], kind: str) -> bool:
    """Tell whether a value is another name of another one after these events."""
    merged = False
    for event in events:
        found = alias_of(type(event))
        if found and found[0] == kind and getattr(event, found[1]) == value:
            merged = not found[2].ends
    return merged


def fold(
    model: ReadModel[Any],
    value: str,
    events: Sequence[Event],
    sound: Callable[[Any], bool] | None = None,
) -> Refolded:
    """Fold these events, all of which are the value's, up to the first that cannot be taken.

    With `sound`, none can be taken that leaves a row that is not.
    """
    lines: dict[Key, Line] = {}
    taken = frozenset(model.fold.events)
    for index, event in enumerate(events):
        if type(event) in taken:
            try:
                _evolve(model, value, event, lines)
                if sound and not all(sound(each.row) for each in lines.values()):
                    raise ValueError(NOT_STORABLE)  # noqa: TRY301 - held like all that cannot be taken
            except Exception as error:  # noqa: BLE001 - whatever evolve raises, the event is held with it
                tag = f"{model.fold.tag}:{value}"
                held = Held(key(tag), tag, event.position, names()[type(event)], reason(error))
                before = fold(model, value, events[:index])
                return Refolded(before.lines, [held, *_after(model, tag, events[index + 1 :])])
        if rewrites_rows(model, event):
            for line in lines.values():
                line.position = event.position
    return Refolded(lines)


def _evolve(model: ReadModel[Any], value: str, event: Event, lines: dict[Key, Line]) -> None:
    for each in keys_as(model, value, event):
        line = lines.get(each) or Line(model.row(*each), 0)
        if model.fold.evolve(line.row, event) is REMOVED:
            lines.pop(each, None)
        else:
            line.position = event.position
            lines[each] = line


def keys_as(model: ReadModel[Any], value: str, event: Event) -> dict[Key, None]:
    """Return the keys of the rows of `value` that an event of its history changes, under whatever name."""
    if model.parts is None:
        return {(value,): None}
    return {(value, *part): None for part in model.parts(event)}


def reason(error: Exception) -> str:
    """Return why an event cannot be taken."""
    return f"{type(error).__name__}: {error}"[:LONGEST_REASON]


def storable(row: Any) -> bool:
    """Tell whether a database can take a row: its text knows no character NUL."""
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
