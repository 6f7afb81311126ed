"""The past: histories as they were known up to a position, of what had occurred by a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from msgspec import Struct

from events.clock import plus_days, start_of
from events.entry import Stored, key
from events.event import Event
from events.order import in_order, moment
from events.rewriting import retracted, rewrites
from projections.read_model import Key, ReadModel
from streams.history.decoding import BrokenEntry, broken_entry
from streams.history.histories import Histories, Joined, KnownNames, Wanted, joined, no_names, type_keys
from streams.history.version import subscription
from streams.ports import Codec, History, Log, Undecodable, Window
from streams.read_ports import Held

_FOR_EVER = 1 << 62
"""Microseconds since 1970, after any time of an event."""


class DecodedHistory(Struct):
    """The events of a history that can be decoded, in the order of what occurred, and the first entry that cannot.

    With `true_at` only those count that had occurred by then. Aliases and retractions are knowledge: they are in
    `events`, and count whenever they occurred. `taken_back` has what was retracted, with the positions of that.
    """

    events: Sequence[Event]
    broken: Held | None = None
    true_at: int | None = None
    taken_back: Sequence[tuple[Event, int]] = ()

    def readable(self) -> Sequence[Event]:
        """Return the events that can be folded: those before the broken entry that had occurred."""
        if self.broken is None and self.true_at is None:
            return self.events
        return [each for each in self.events if self.has(each)]

    def has(self, event: Event) -> bool:
        """Report whether an event of the history can be folded."""
        if self.true_at is not None and event.occurred_at > self.true_at:
            return False
        return self.broken is None or moment(event) < moment(self.broken)

    def behind(self) -> Sequence[Event]:
        """Return the events that had occurred and cannot be folded, because they follow the broken entry."""
        if self.broken is None:
            return ()
        occurred = DecodedHistory(self.events, true_at=self.true_at).readable()
        return [each for each in occurred if not self.has(each)]


class Past(Histories):
    """Histories as they were known up to a position, of what had occurred by `true_at` (microseconds since 1970).

    An undecodable entry ends its history, unless it was taken back.
    """

    def __init__(
        self, log: Log, codec: Codec, *, upto: int | None = None, true_at: int | None = None
    ) -> None:
        super().__init__(log, codec, upto=upto)
        self.true_at = true_at
        self.broken: list[BrokenEntry] = []
        """The entries that could not be decoded in what was read last."""
        self._day: str | None = None

    def taken(self, stored: Sequence[Stored], wanted: Collection[str]) -> Iterable[Event]:  # noqa: ARG002 - as its base
        """Decode entries; note those that cannot be decoded, and leave them out."""
        for each in stored:
            try:
                yield self._codec.decode(each)
            except Undecodable as error:
                self.broken.append(broken_entry(each, error))

    def apart(self, wanted: Wanted, known: KnownNames = no_names) -> dict[str, DecodedHistory]:
        """Return the history of each wanted tag, each with its own first undecodable entry; `known` names save queries."""
        self.broken = []
        found = joined(self.query, wanted, known)
        if not self.broken:
            return {tag: self._decoded(each) for tag, each in found.items()}
        # Whose history is broken cannot be known: read each one alone.
        return {tag: self._alone(tag, types) for tag, types in wanted.items()}

    def of_row(self, model: ReadModel[Any], row: Key, *, whole: bool = False) -> DecodedHistory:
        """Return what one row of a value is folded from: for a row of one day, no more than what occurred on it.

        Ask for the `whole` history of a value of which anything is held: that ends all of its rows.
        """
        tag, self._day = f"{model.fold.tag}:{row[0]}", None if whole else model.day_of(row)
        try:
            return self.apart({tag: subscription(model)})[tag]
        finally:
            self._day = None

    def query(self, wanted: Wanted) -> dict[str, list[Event]]:
        """Return the events that carry the tags; of a stretch of time, besides all that rewrite histories."""
        windows, histories = list[Window](), list[History]()
        for tag, types in wanted.items():
            always = types
            if span := self._span(tag):
                always = tuple(each for each in types if rewrites(each))
                ordinary = tuple(each for each in types if not rewrites(each))
                windows.append(Window(key(tag), type_keys(ordinary), *span))
            histories.append(History(key(tag), type_keys(always)))
        found = self._log.histories(histories, self.upto)
        if windows:
            found = sorted((*found, *self._log.windows(windows, self.upto)), key=attrgetter("position"))
        return self._by_tag(found, wanted)

    def _span(self, tag: str) -> tuple[int, int] | None:  # noqa: ARG002 - for subclasses
        """Return the time of which ordinary events of a tag are read, from its begin to before its end; None for all."""
        return None if self._day is None else _span(self._day)

    def _alone(self, tag: str, types: tuple[type[Event], ...]) -> DecodedHistory:
        self.broken = []
        found = joined(self.query, {tag: types})[tag]
        gone = {retracted(each) for each in found.events}
        counted = [
            each
            for each in self.broken
            if each.identity not in gone and (self.true_at is None or each.occurred_at <= self.true_at)
        ]
        broken = None
        if counted:
            first = min(counted, key=moment)
            broken = Held(key(tag), tag, first.occurred_at, first.position, first.type, first.reason)
        return self._decoded(found, broken)

    def _decoded(self, found: Joined, broken: Held | None = None) -> DecodedHistory:
        return DecodedHistory(in_order(found.events), broken, self.true_at, found.taken_back)


class Since(Past):
    """What was known up to a position of what has occurred since a time, which each tag may have of its own."""

    def __init__(self, log: Log, codec: Codec, *, since: Mapping[str, int], upto: int) -> None:
        super().__init__(log, codec, upto=upto)
        self._since, self._first = since, min(since.values())

    def _span(self, tag: str) -> tuple[int, int]:
        return self._since.get(tag, self._first), _FOR_EVER


def _span(day: str) -> tuple[int, int]:
    """Return when a day of Shanghai begins and ends; what is no day takes no time."""
    try:
        return start_of(day), start_of(plus_days(day, 1))
    except (ValueError, OverflowError):
        return 0, 0


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
