"""Fold the rows of one value event by event, from a history that is too long to be held in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from events.entry import key
from events.event import Event
from events.order import Moment, moment
from projections.read_model import Key, ReadModel
from streams.history.decoding import BrokenEntry, Decoded
from streams.history.refold import (
    AFTER,
    NOT_STORABLE,
    Refolded,
    evolve,
    held_event,
    reason,
    rows_of,
    storable,
)
from streams.project.model_state import MOST_LISTED
from streams.read_ports import Held, Line


class Poisoned(Exception):
    """An event cannot be folded: the rows are those before it, from a fold that ends there."""

    def __init__(self, held: Held) -> None:
        super().__init__(held.reason)
        self.held = held


class RowFold:
    """The rows of a value while they are folded: all of them, or those with some keys.

    With `poison`, the fold ends before that event, which is held, and all that follow it. `sound` looks after each
    event whether the row can be stored.
    """

    def __init__(
        self,
        model: ReadModel[Any],
        value: str,
        keys: Iterable[Key] | None,
        *,
        poison: Held | None = None,
        sound: bool = False,
    ) -> None:
        self.model, self.value, self.keys = model, value, None if keys is None else frozenset(keys)
        self.lines: dict[Key, Line] = {}
        self.held: list[Held] = [] if poison is None else [poison]
        self._raised: dict[Key, int] = {}
        self.late = False
        """Whether an event came too late to be folded on top."""
        self._end: Moment | None = None if poison is None else moment(poison)
        self._taken, self._sound = frozenset(model.fold.events), sound

    def take(self, item: Decoded) -> None:
        """Fold the next event in the order of what occurred. Raises Poisoned."""
        if self._end is not None and moment(item) >= self._end:
            self._hold(item)
            return
        tag = f"{self.model.fold.tag}:{self.value}"
        if isinstance(item, BrokenEntry):
            raise Poisoned(Held(key(tag), tag, item.occurred_at, item.position, item.type, item.reason))
        if type(item) not in self._taken:
            return
        try:
            evolve(self.model, self.value, item, self.lines, self.keys)
            if self._sound and not all(
                each.row is None or storable(each.row) for each in self.lines.values()
            ):
                raise ValueError(NOT_STORABLE)  # noqa: TRY301 - held like all that cannot be folded
        except Exception as error:
            raise Poisoned(held_event(tag, item, reason(error))) from error

    def add(self, event: Event) -> None:
        """Fold an event that was recorded after the others on top of its rows, unless it is late for one of them."""
        if type(event) not in self._taken:
            return
        rows, mine = set(rows_of(self.model, self.value, event)), self.keys
        if type(event) in self.model.bound:
            late = {each for each in rows if (line := self.lines.get(each)) and event.occurred_at < line.at}
            if late and (mine is None or late & mine):
                self.late = True
            rows -= late
        self.keys = frozenset(rows) if mine is None else mine & rows
        try:
            self.take(event)
        finally:
            self.keys = mine

    def count(self, event: Event, position: int) -> None:
        """Count a retraction of an event that its rows were folded from before."""
        for row in rows_of(self.model, self.value, event):
            self._raised[row] = max(position, self._raised.get(row, 0))

    def result(self, rewritten: int = 0) -> Refolded:
        """Return the rows; `rewritten` is the greatest position of an alias that joined or parted their value."""
        there = {each: line for each, line in self.lines.items() if line.row is not None}
        for each, line in there.items():
            line.position = max(line.position, rewritten, self._raised.get(each, 0))
        gone = {each: Line(None, 0, line.at) for each, line in self.lines.items() if line.row is None}
        return Refolded(there, list(self.held), removed=gone if self.model.removes else {})

    def _hold(self, item: Decoded) -> None:
        if isinstance(item, BrokenEntry) or type(item) not in self._taken or moment(item) == self._end:
            return
        if len(self.held) <= MOST_LISTED:
            self.held.append(held_event(f"{self.model.fold.tag}:{self.value}", item, AFTER))
