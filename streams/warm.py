"""Warm folds: the states that decisions need, kept between batches within a bound of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from events.contract import tags
from events.entry import key
from events.event import Event
from events.fold import Fold, Removed
from streams.history import Histories

SLOT_BYTES = 600
"""What a slot costs beside its states: measured, for the dictionary, the tag and the bookkeeping."""

MEASURE_EVERY = 64


class _Slot:
    __slots__ = ("cost", "grown", "key", "states")

    def __init__(self, key_: int) -> None:
        self.key, self.cost, self.grown = key_, SLOT_BYTES, 0
        self.states: dict[Fold[Any], Any] = {}

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
        self._tags: dict[int, str] = {}

    def state(self, fold: Fold[Any], tag: str) -> Any:
        """Return a state that `load` has made sure of."""
        return self._slots[tag].states[fold]

    def load(self, needs: Mapping[str, Iterable[Fold[Any]]], pending: Iterable[Event] = ()) -> None:
        """Make the needed states warm; those missing are read in one query, then evolved by `pending`."""
        missing: dict[str, list[Fold[Any]]] = {}
        for tag, folds in needs.items():
            slot = self._slots.get(tag)
            if slot is None:
                missing[tag] = list(folds)
            else:
                self._slots.move_to_end(tag)
                if lacking := [fold for fold in folds if fold not in slot.states]:
                    missing[tag] = lacking
        if missing:
            self._fold(missing, pending)

    def _fold(self, missing: Mapping[str, list[Fold[Any]]], pending: Iterable[Event]) -> None:
        wanted = {tag: _types(folds) for tag, folds in missing.items()}
        found = self._histories.read(wanted)
        later: dict[str, list[Event]] = {}
        for event in pending:
            for tag in tags(event):
                if tag in missing:
                    later.setdefault(tag, []).append(event)
        for tag, folds in missing.items():
            slot = self._slot(tag)
            for fold in folds:
                slot.states[fold] = fold.start(tag.partition(":")[2])
            for event in (*found[tag], *later.get(tag, ())):
                _evolve(slot, folds, event, tag)
            self._bytes += slot.measure()

    def _slot(self, tag: str) -> _Slot:
        slot = self._slots.get(tag)
        if slot is None:
            slot = self._slots[tag] = _Slot(key(tag))
            self._tags[slot.key] = tag
            self._bytes += slot.cost
        return slot

    def evolve(self, event: Event, tags_: tuple[str, ...], folds: Mapping[str, list[Fold[Any]]]) -> None:
        """Let an admitted event change the warm states of its tags; `folds` by tag kind take its type."""
        for tag in tags_:
            slot = self._slots.get(tag)
            if slot is not None:
                _evolve(slot, folds.get(tag.partition(":")[0], ()), event, tag)
                slot.grown += 1
                if slot.grown % MEASURE_EVERY == 0:
                    self._bytes += slot.measure()

    def held(self, tags_: Iterable[str]) -> dict[str, list[Fold[Any]]]:
        """Return the folds that are warm for these tags."""
        return {tag: list(slot.states) for tag in tags_ if (slot := self._slots.get(tag))}

    def forget(self, tags_: Iterable[str]) -> None:
        """Drop the states of these tags: they were evolved by what was not appended after all."""
        for tag in tags_:
            self._drop(tag)

    def outdated(self, keys: Iterable[int]) -> None:
        """Drop the states of the tags with these keys: others have appended to their histories."""
        for each in keys:
            if (tag := self._tags.get(each)) is not None:
                self._drop(tag)

    def _drop(self, tag: str) -> None:
        slot = self._slots.pop(tag, None)
        if slot is not None:
            self._tags.pop(slot.key, None)
            self._bytes -= slot.cost

    def clear(self) -> None:
        """Drop all states."""
        for tag in list(self._slots):
            self._drop(tag)

    def shrink(self) -> None:
        """Drop the states least recently used until the bound holds; never within a batch."""
        while self._bytes > self._bound and self._slots:
            self._drop(next(iter(self._slots)))


def _types(folds: Iterable[Fold[Any]]) -> tuple[type[Event], ...]:
    return tuple(dict.fromkeys(each for fold in folds for each in fold.events))


def _evolve(slot: _Slot, folds: Iterable[Fold[Any]], event: Event, tag: str) -> None:
    for fold in folds:
        state = slot.states.get(fold)
        if (
            state is not None
            and type(event) in fold.events
            and isinstance(fold.evolve(state, event), Removed)
        ):
            slot.states[fold] = fold.start(tag.partition(":")[2])
