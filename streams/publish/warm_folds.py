"""Warm folds: the states that decisions need, kept between batches within a bound of bytes."""

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
"""What a slot costs beside its states: measured, for the dictionary, the tag and the bookkeeping."""

STATE_BYTES = 120
"""What a starting state costs; measured."""

MEASURE_EVERY = 64

Folds: TypeAlias = tuple[Fold[Any], ...]
States: TypeAlias = dict[Fold[Any], Any]


class _Slot:
    __slots__ = ("cost", "grown", "key", "kind", "known", "states")

    def __init__(self, tag: str) -> None:
        self.key, self.cost, self.grown = key(tag), SLOT_BYTES, 0
        self.kind = tag.partition(":")[0]
        self.states: States = {}
        self.known: Folds = ()
        """The folds that were last asked for, and are there."""

    def lacks(self, folds: Folds) -> Folds:
        """Return those of the folds that are not warm."""
        if self.known is folds:
            return ()
        lacking = tuple(fold for fold in folds if fold not in self.states)
        if not lacking:
            self.known = folds
        return lacking

    def more(self, cost: int) -> int:
        """Count so many bytes more; return them."""
        self.cost += cost
        return cost

    def measure(self) -> int:
        """Estimate the bytes again; return by how much they have changed."""
        before = self.cost
        self.cost = SLOT_BYTES + sum(3 * len(msgspec.msgpack.encode(each)) for each in self.states.values())
        return self.cost - before


class WarmFolds:
    """States by tag and fold. All are as of the same position of the log, plus what was evolved since."""

    def __init__(self, histories: Histories, bound: int) -> None:
        self._histories, self._bound, self._bytes = histories, bound, 0
        self._slots: OrderedDict[str, _Slot] = OrderedDict()
        self._tags: dict[int, tuple[str, ...]] = {}

    def states(self, tag: str) -> States:
        """Return the states of a tag that `load` has made sure of."""
        return self._slots[tag].states

    def tags_of(self, key_: int) -> Sequence[str]:
        """Return the warm tags that have a key: as good as always one at most."""
        return self._tags.get(key_, ())

    def load(self, needs: Mapping[str, Folds], pending: Iterable[Event] = ()) -> None:
        """Make the needed states warm; those missing are read in one query, then evolved by `pending`."""
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
            self._bytes += slot.measure() if history else slot.more(STATE_BYTES * len(folds))

    def _slot(self, tag: str) -> _Slot:
        slot = self._slots.get(tag)
        if slot is None:
            slot = self._slots[tag] = _Slot(tag)
            self._tags[slot.key] = (*self._tags.get(slot.key, ()), tag)
            self._bytes += slot.cost
        return slot

    def evolve(self, event: Event, tags_: tuple[str, ...], folds: Mapping[str, list[Fold[Any]]]) -> None:
        """Let an admitted event change the warm states of its tags; `folds` by tag kind take its type."""
        for tag in tags_:
            slot = self._slots.get(tag)
            if slot is not None and (taking := folds.get(slot.kind)):
                _evolve(slot, taking, event, tag)
                slot.grown += 1
                if slot.grown % MEASURE_EVERY == 0:
                    self._bytes += slot.measure()

    def held(self, tags_: Iterable[str]) -> dict[str, Folds]:
        """Return the folds that are warm for these tags."""
        return {tag: tuple(slot.states) for tag in tags_ if (slot := self._slots.get(tag))}

    def forget(self, tags_: Iterable[str]) -> None:
        """Drop the states of these tags: they were evolved by what was not appended after all."""
        for tag in tags_:
            self._drop(tag)

    def outdated(self, keys: Iterable[int]) -> None:
        """Drop the states of the tags with these keys: others have appended to their histories."""
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
        """Drop the states least recently used until the bound holds; never within a batch."""
        while self._bytes > self._bound and self._slots:
            self._drop(next(iter(self._slots)))


@cache
def _types(folds: Folds) -> tuple[type[Event], ...]:
    return tuple(dict.fromkeys(each for fold in folds for each in fold.events))


def _evolve(slot: _Slot, folds: Iterable[Fold[Any]], event: Event, tag: str) -> None:
    """Let an event of a type that all these folds take change those of them that are warm."""
    states = slot.states
    for fold in folds:
        state = states.get(fold)
        if state is not None and fold.evolve(state, event) is REMOVED:
            states[fold] = fold.start(tag.partition(":")[2])
