"""Warm folds: the states that rules read, kept in memory between batches within a bound of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from events.entry import key
from events.event import Event
from events.fold import Fold
from events.order import in_order
from streams.ground.judging_plan import Folds, States
from streams.history.histories import Histories
from streams.publish.pending_histories import PendingHistories
from streams.publish.warm_slot import MEASURE_EVERY, STATE_BYTES, Slot, folded, types_of

K = TypeVar("K")


class WarmFolds:
    """States by tag and fold, all as of the same position of the log and of the admitted events of the present batch.

    A tag's states are folded from its history under all its names, in the order of what occurred. Whatever changes that
    history, under any of the names, evolves the states or drops them; what was dropped is folded again when it is asked
    for.
    """

    def __init__(self, histories: Histories, bound: int) -> None:
        self.histories, self._bound, self._bytes = PendingHistories(histories), bound, 0
        self._slots: OrderedDict[str, Slot] = OrderedDict()
        self._needs: Mapping[str, Folds] = {}
        self._resting: dict[int, tuple[str, ...]] = {}
        """By the key of a tag, the warm tags whose states contain its history: itself, and those above it."""
        self._above: dict[str, tuple[str, ...]] = {}
        """By alias, the warm tags whose states contain its history."""
        self._dropped: dict[int, dict[str, None]] = {}
        """As `_resting`: what the present batch has read and dropped again because it rewrites it."""

    def begin(self, needs: Mapping[str, Folds]) -> None:
        """Begin a batch that needs these states, and make them warm."""
        self._needs, self._dropped = needs, {}
        self.histories.begin()
        self.load(needs)

    def states(self, tag: str) -> States:
        """Return the states of a tag that the batch needs."""
        return self.slot(tag).states

    def slot(self, tag: str) -> Slot:
        """Return the slot of a tag, with the states that the batch needs."""
        slot = self._slots.get(tag)
        if slot is None or slot.incomplete:  # the batch has changed its history before the end
            self.load({tag: self._needs[tag]})
            slot = self._slots[tag]
        return slot

    def then(self, tag: str, folds: Folds, occurred_at: int) -> States:
        """Return states of a tag as of a time: warm ones, or folded afresh if they contain what occurred later."""
        slot = self.slot(tag)
        later = tuple(fold for fold in folds if occurred_at < slot.at[fold])
        if not later:
            return slot.states
        history = self.histories.read({tag: types_of(folds)})[tag].events
        cut = folded(slot.start, later, (each for each in history if each.occurred_at <= occurred_at))
        return {**slot.states, **cut}

    def tags_of(self, key_: int) -> Sequence[str]:
        """Return the tags whose states, as this batch has read them, contain the history of the tag with this key."""
        found = self._resting.get(key_, ())
        return (*found, *self._dropped.get(key_, ())) if self._dropped else found

    def load(self, needs: Mapping[str, Folds]) -> None:
        """Make the needed states warm: fold the missing ones from one query."""
        missing: dict[str, Folds] = {}
        slots = self._slots
        for tag, folds in needs.items():
            slot = slots.get(tag)
            if slot is None:
                missing[tag] = folds
            else:
                slots.move_to_end(tag)
                slot.incomplete = False
                if lacking := slot.lacks(folds):
                    missing[tag] = lacking
        if missing:
            self._fold(missing)

    def _fold(self, missing: Mapping[str, Folds]) -> None:
        found = self.histories.read({tag: types_of(folds) for tag, folds in missing.items()})
        for tag, folds in missing.items():
            slot, history = self._slot(tag), found[tag]
            if history.aliases:
                self._join(slot, history.aliases)
            for fold in folds:
                slot.begin(fold)
            for event in in_order(history.events):
                slot.evolve([each for each in folds if type(event) in each.events], event)
            if history.events:
                self._bytes += slot.measure()
            else:
                self._bytes += slot.add_cost(STATE_BYTES * len(folds))

    def _slot(self, tag: str) -> Slot:
        slot = self._slots.get(tag)
        if slot is None:
            slot = self._slots[tag] = Slot(tag)
            _note(self._resting, slot.key, tag)
            self._bytes += slot.cost
        return slot

    def _join(self, slot: Slot, aliases: Iterable[str]) -> None:
        """Note that a slot's states contain the histories of aliases."""
        for alias in aliases:
            if alias not in slot.aliases:
                slot.aliases[alias] = key(alias)
                _note(self._resting, slot.aliases[alias], slot.tag)
                _note(self._above, alias, slot.tag)

    def evolve(self, event: Event, tags_: Collection[str], folds: Mapping[str, list[Fold[Any]]]) -> None:
        """Evolve the warm states of an admitted event's tags and of the tags that they were merged into.

        `folds` are those that accept its type, by kind of tag.
        """
        self.histories.add(event)
        for tag in self._with_above(tags_) if self._above else tags_:
            slot = self._slots.get(tag)
            if slot is not None and (taking := folds.get(slot.kind)):
                slot.evolve(taking, event)
                slot.grown += 1
                if slot.grown % MEASURE_EVERY == 0:
                    self._bytes += slot.measure()

    def rewrite(self, event: Event, tags_: Iterable[str]) -> None:
        """Drop the states of an admitted event that rewrites the histories of its tags."""
        self.histories.rename(event)
        for tag in self._with_above(tags_):
            if (slot := self._slots.get(tag)) is not None:
                for each in (slot.key, *slot.aliases.values()):
                    self._dropped.setdefault(each, {})[tag] = None
                self._drop(tag)

    def forget(self, tags_: Iterable[str]) -> None:
        """Drop the states that contain the histories of these tags: not all that evolved them was appended."""
        for tag in self._with_above(tags_):
            self._drop(tag)

    def outdated(self, keys: Iterable[int], type_: int) -> None:
        """Drop the states that an event of another writer may change, by the keys of its tags and of its type."""
        for each in keys:
            for tag in self._resting.get(each, ()):
                if self._slots[tag].rests_on(type_):
                    self._drop(tag)

    def _with_above(self, tags_: Iterable[str]) -> dict[str, None]:
        """Return tags together with the warm ones that they were merged into."""
        found: dict[str, None] = {}
        for tag in tags_:
            found[tag] = None
            found.update(dict.fromkeys(self._above.get(tag, ())))
        return found

    def _drop(self, tag: str) -> None:
        slot = self._slots.pop(tag, None)
        if slot is not None:
            _erase(self._resting, slot.key, tag)
            for alias, key_ in slot.aliases.items():
                _erase(self._resting, key_, tag)
                _erase(self._above, alias, tag)
            self._bytes -= slot.cost

    def clear(self) -> None:
        """Drop all states."""
        for tag in list(self._slots):
            self._drop(tag)

    def shrink(self) -> None:
        """Drop the least recently used states until the rest fit the bound; never call it in the middle of a batch."""
        while self._bytes > self._bound and self._slots:
            self._drop(next(iter(self._slots)))


def _note(where: dict[K, tuple[str, ...]], key_: K, tag: str) -> None:
    found = where.get(key_, ())
    if tag not in found:
        where[key_] = (*found, tag)


def _erase(where: dict[K, tuple[str, ...]], key_: K, tag: str) -> None:
    others = tuple(each for each in where.pop(key_, ()) if each != tag)
    if others:
        where[key_] = others
