"""Warm folds: the states that rules read, kept in memory between batches within a bound of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import msgspec

from events.contract import tags
from events.entry import key
from events.event import Event
from events.fold import REMOVED, Fold
from events.rewriting import effective
from streams.history.histories import Histories

SLOT_BYTES = 660
"""Bytes that a slot takes besides its states: the dictionary, the tag and the bookkeeping, as measured."""

STATE_BYTES = 120
"""Bytes that a starting state takes, as measured: a fold of a tag without events is not encoded to be measured."""

ENCODED_GROWTH = 3
"""Bytes of memory for each byte of a state's MessagePack encoding: Python objects are larger than what they encode."""

MEASURE_EVERY = 64
"""After this many events a slot is measured again: encoding it each time would cost more than evolving it."""

Folds: TypeAlias = tuple[Fold[Any], ...]
States: TypeAlias = dict[Fold[Any], Any]
"""The states of one tag, by fold."""


class _Slot:
    """The states of one tag, and their estimated cost in bytes."""

    __slots__ = ("cost", "grown", "key", "kind", "known", "states")

    def __init__(self, tag: str) -> None:
        self.key, self.cost, self.grown = key(tag), SLOT_BYTES, 0
        self.kind = tag.partition(":")[0]
        self.states: States = {}
        self.known: Folds = ()
        """The folds that were last requested and found to be warm: the same tuple again needs no comparison."""

    def lacks(self, folds: Folds) -> Folds:
        """Return those of the folds that are not warm."""
        if self.known is folds:
            return ()
        lacking = tuple(fold for fold in folds if fold not in self.states)
        if not lacking:
            self.known = folds
        return lacking

    def add_cost(self, cost: int) -> int:
        """Add bytes to the cost; return them."""
        self.cost += cost
        return cost

    def measure(self) -> int:
        """Estimate the cost anew; return by how much it has changed."""
        before = self.cost
        self.cost = SLOT_BYTES + sum(
            ENCODED_GROWTH * len(msgspec.msgpack.encode(each)) for each in self.states.values()
        )
        return self.cost - before


class WarmFolds:
    """States by tag and fold, all as of the same position of the log, plus the events that have evolved them since."""

    def __init__(self, histories: Histories, bound: int) -> None:
        self._histories, self._bound, self._bytes = histories, bound, 0
        self._slots: OrderedDict[str, _Slot] = OrderedDict()
        self._tags: dict[int, tuple[str, ...]] = {}

    def states(self, tag: str) -> States:
        """Return the states of a tag that `load` has made warm."""
        return self._slots[tag].states

    def tags_of(self, key_: int) -> Sequence[str]:
        """Return the warm tags with this key: practically never more than one, as keys are hashes of 64 bits."""
        return self._tags.get(key_, ())

    def load(self, needs: Mapping[str, Folds], pending: Iterable[Event] = ()) -> None:
        """Make the needed states warm: fold the missing ones from one query, then evolve them by `pending`."""
        missing: dict[str, Folds] = {}
        slots = self._slots
        for tag, folds in needs.items():
            slot = slots.get(tag)
            if slot is None:
                missing[tag] = folds
            else:
                slots.move_to_end(tag)
                if lacking := slot.lacks(folds):
                    missing[tag] = lacking
        if missing:
            self._fold(missing, pending)

    def _fold(self, missing: Mapping[str, Folds], pending: Iterable[Event]) -> None:
        found = self._histories.read({tag: _types(folds) for tag, folds in missing.items()})
        later: dict[str, list[Event]] = {}
        for event in pending:
            for tag in tags(event):
                if tag in missing:
                    later.setdefault(tag, []).append(event)
        for tag, folds in missing.items():
            slot, value = self._slot(tag), tag.partition(":")[2]
            for fold in folds:
                slot.states[fold] = fold.start(value)
            history = effective((*found[tag], *later.get(tag, ())))
            for event in history:
                _evolve(slot, [each for each in folds if type(event) in each.events], event, tag)
            self._bytes += slot.measure() if history else slot.add_cost(STATE_BYTES * len(folds))

    def _slot(self, tag: str) -> _Slot:
        slot = self._slots.get(tag)
        if slot is None:
            slot = self._slots[tag] = _Slot(tag)
            self._tags[slot.key] = (*self._tags.get(slot.key, ()), tag)
            self._bytes += slot.cost
        return slot

    def evolve(self, event: Event, tags_: tuple[str, ...], folds: Mapping[str, list[Fold[Any]]]) -> None:
        """Evolve the warm states of an event's tags; `folds` are those that accept its type, by kind of tag."""
        for tag in tags_:
            slot = self._slots.get(tag)
            if slot is not None and (taking := folds.get(slot.kind)):
                _evolve(slot, taking, event, tag)
                slot.grown += 1
                if slot.grown % MEASURE_EVERY == 0:
                    self._bytes += slot.measure()

    def folds_of(self, tags_: Iterable[str]) -> dict[str, Folds]:
        """Return the folds that are warm for these tags."""
        return {tag: tuple(slot.states) for tag in tags_ if (slot := self._slots.get(tag))}

    def forget(self, tags_: Iterable[str]) -> None:
        """Drop the states of these tags: they were evolved by events that were not appended after all."""
        for tag in tags_:
            self._drop(tag)

    def outdated(self, keys: Iterable[int]) -> None:
        """Drop the states of the tags with these keys: other writers have appended to their histories."""
        for each in keys:
            for tag in self._tags.get(each, ()):
                self._drop(tag)

    def _drop(self, tag: str) -> None:
        slot = self._slots.pop(tag, None)
        if slot is not None:
            others = tuple(each for each in self._tags.pop(slot.key, ()) if each != tag)
            if others:
                self._tags[slot.key] = others
            self._bytes -= slot.cost

    def clear(self) -> None:
        """Drop all states."""
        for tag in list(self._slots):
            self._drop(tag)

    def shrink(self) -> None:
        """Drop the least recently used states until the rest fit the bound; never call it in the middle of a batch."""
        while self._bytes > self._bound and self._slots:
            self._drop(next(iter(self._slots)))


@cache
def _types(folds: Folds) -> tuple[type[Event], ...]:
    return tuple(dict.fromkeys(each for fold in folds for each in fold.events))


def _evolve(slot: _Slot, folds: Iterable[Fold[Any]], event: Event, tag: str) -> None:
    """Evolve those of the folds' states that are warm; all of the folds accept the event's type."""
    states = slot.states
    for fold in folds:
        state = states.get(fold)
        if state is not None and fold.evolve(state, event) is REMOVED:
            states[fold] = fold.start(tag.partition(":")[2])
