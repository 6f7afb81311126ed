"""Refold: fold the rows of one tag from its history. Live rows must always equal the result."""

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
"""Characters kept of an error's message, which may quote a whole event."""
AFTER = "an event before it is held"
NOT_STORABLE = "the row would have a value that cannot be stored"
ENCODED_NUL = rb"\u0000"
"""How JSON encodes the character NUL, which a database does not store in text."""


class DecodedHistory(Struct):
    """The events of a history that can be decoded, and the first entry that cannot."""

    events: Sequence[Event]
    broken: Held | None = None

    def readable(self) -> Sequence[Event]:
        """Return the events before that entry."""
        end = self.broken.position if self.broken else None
        return self.events if end is None else [each for each in self.events if each.position < end]


class Past(Histories):
    """Histories as they were: what had been recorded up to a position, or had occurred by a time.

    An undecodable entry ends its history; `broken` is the first one found.
    """

    def __init__(
        self, log: Log, codec: Codec, *, upto: int | None = None, true_at: int | None = None
    ) -> None:
        super().__init__(log, codec, upto=upto)
        self._true_at = true_at
        self.broken: Held | None = None

    def taken(self, stored: Sequence[Stored], wanted: Collection[str]) -> Iterable[Event]:
        """Decode the entries that belong to this past; note those that cannot be decoded, and leave them out."""
        for each in stored:
            try:
                event = self._codec.decode(each)
            except Undecodable as error:
                self._break(each.entry, error, next(iter(wanted)))
                continue
            if self._true_at is None or event.occurred_at <= self._true_at or retracted(event):
                yield event

    def apart(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, DecodedHistory]:
        """Return the history of each wanted tag, each with its own first undecodable entry."""
        found = self._afresh().read(wanted)
        if self.broken is None:
            return {tag: DecodedHistory(events) for tag, events in found.items()}
        # Whose history is broken cannot be known: read each one alone.
        return {tag: self._alone(tag, types) for tag, types in wanted.items()}

    def _alone(self, tag: str, types: tuple[type[Event], ...]) -> DecodedHistory:
        events = self._afresh().read({tag: types})[tag]
        return DecodedHistory(events, self.broken)

    def _afresh(self) -> Past:
        self.broken = None
        return self

    def _break(self, entry: bytes, error: Undecodable, tag: str) -> None:
        if self.broken is None or error.position < self.broken.position:
            self.broken = Held(key(tag), tag, error.position, type_of(entry), error.reason)


def past_at(
    log: Log,
    codec: Codec,
    *,
    known_at: int | None = None,
    true_at: int | None = None,
    upto: int | None = None,
) -> Past:
    """Return the past of what had been recorded by `known_at` (and up to a position), or had occurred by `true_at`.

    Both times are microseconds since 1970.
    """
    if known_at is not None:
        known = log.position_at(known_at)
        upto = known if upto is None else min(known, upto)
    return Past(log, codec, upto=upto, true_at=true_at)


def type_of(entry: bytes) -> str:
    """Return the type of an entry, `unknown` if not even that can be read."""
    try:
        return parse(entry).type
    except ValueError:
        return "unknown"


class Refolded(Struct):
    """The rows of a value of a tag; `held` are the event that ended the fold, and all after it.

    If `merged`, the value is an alias of another one and has no rows of its own.
    """

    lines: dict[Key, Line]
    held: list[Held] = []
    merged: bool = False


def refold(model: ReadModel[Any], value: str, past: Past) -> Refolded:
    """Fold the rows of a value of the model's tag from its history, aliases included."""
    tag = f"{model.fold.tag}:{value}"
    return refold_events(model, value, past.apart({tag: subscription(model)})[tag])


def refold_events(model: ReadModel[Any], value: str, history: DecodedHistory) -> Refolded:
    """Fold the rows of a value from its history."""
    tag, broken, readable = f"{model.fold.tag}:{value}", history.broken, history.readable()
    if is_merged(value, readable, model.fold.tag):
        return Refolded({}, merged=True)
    folded = fold(model, value, readable)
    if not all(storable(each.row) for each in folded.lines.values()):
        folded = fold(model, value, readable, storable)
    if broken:
        if not folded.held:
            folded.held = [msgspec.structs.replace(broken, tag=key(tag), text=tag)]
        folded.held += _after(model, tag, history.events[len(readable) :])
    return folded


def _after(model: ReadModel[Any], tag: str, events: Iterable[Event]) -> list[Held]:
    """Return the events of a tag that come after a held one, held as well."""
    return [held_event(tag, each, AFTER) for each in events if isinstance(each, model.fold.events)]


def held_event(tag: str, event: Event, why: str) -> Held:
    """Return an event as it is held under a tag."""
    return Held(key(tag), tag, event.position, names()[type(event)], why)


def is_merged(value: str, events: Sequence[Event], kind: str) -> bool:
    """Report whether a value is an alias of another one after these events."""
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
    """Fold events, all of them from a value's history, up to the first that cannot be folded.

    With `sound`, an event that leaves an unsound row cannot be folded either.
    """
    lines: dict[Key, Line] = {}
    taken = frozenset(model.fold.events)
    for index, event in enumerate(events):
        if type(event) in taken:
            try:
                _evolve(model, value, event, lines)
                if sound and not all(sound(each.row) for each in lines.values()):
                    raise ValueError(NOT_STORABLE)  # noqa: TRY301 - held like all that cannot be folded
            except Exception as error:  # noqa: BLE001 - whatever evolve raises, the event is held with it
                tag = f"{model.fold.tag}:{value}"
                held = held_event(tag, event, reason(error))
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
