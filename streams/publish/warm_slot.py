"""A slot of the warm folds: the states of one tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import msgspec

from events.catalogue import names
from events.entry import key
from events.event import Event
from events.fold import REMOVED, Fold
from events.order import NEVER, in_order
from events.rewriting import rewriting_types
from streams.ground.judging_plan import Folds, States

SLOT_BYTES = 660
"""Bytes that a slot takes besides its states: the dictionary, the tag and the bookkeeping, as measured."""

STATE_BYTES = 120
"""Bytes that a starting state takes, as measured: a fold of a tag without events is not encoded to be measured."""

ENCODED_GROWTH = 3
"""Bytes of memory for each byte of a state's MessagePack encoding: Python objects are larger than what they encode."""

MEASURE_EVERY = 64
"""After this many events a slot is measured again: encoding it each time would cost more than evolving it."""

ALIAS_BYTES = 200
"""Bytes that each alias of a slot's tag takes, as estimated: its text, and its entries in the bookkeeping."""


class Slot:
    """The states of one tag, folded from its history under all its names, and their estimated cost in bytes."""

    __slots__ = (
        "aliases",
        "at",
        "cost",
        "grown",
        "incomplete",
        "key",
        "kind",
        "known",
        "latest",
        "states",
        "tag",
    )

    def __init__(self, tag: str) -> None:
        self.tag, self.key, self.cost, self.grown = tag, key(tag), SLOT_BYTES, 0
        self.kind = tag.partition(":")[0]
        self.aliases: dict[str, int] = {}
        """The aliases of the tag whose histories are in the states, each with its key."""
        self.states: States = {}
        self.at: dict[Fold[Any], int] = {}
        """The greatest `occurred_at` in each state: an event that occurred before it cannot be folded on top."""
        self.latest = NEVER
        """The greatest of these, or later: an event that occurred no earlier is late for none of the states."""
        self.incomplete = False
        """Whether states that the present batch may need were dropped: an event came late for them."""
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

    def rests_on(self, type_: int) -> bool:
        """Report whether an event of the type with this key may change a state."""
        return any(type_ in read_types(fold) for fold in self.states)

    def evolve(self, folds: Iterable[Fold[Any]], event: Event) -> None:
        """Evolve those of the folds' states that are warm; all of the folds accept the event's type.

        A state for which the event comes late is dropped.
        """
        states, occurred_at = self.states, event.occurred_at
        for fold in folds:
            state = states.get(fold)
            if state is None:
                continue
            if occurred_at < self.at[fold]:
                del states[fold]
                self.incomplete, self.known = True, ()
                continue
            self.at[fold] = occurred_at
            self.latest = max(self.latest, occurred_at)
            if fold.evolve(state, event) is REMOVED:
                states[fold] = self.start(fold)

    def start(self, fold: Fold[Any]) -> Any:
        """Return the starting state of a fold."""
        return fold.start(self.tag.partition(":")[2])

    def begin(self, fold: Fold[Any]) -> None:
        """Begin to fold a state anew."""
        self.states[fold], self.at[fold] = self.start(fold), NEVER

    def add_cost(self, cost: int) -> int:
        """Add bytes to the cost; return them."""
        self.cost += cost
        return cost

    def measure(self) -> int:
        """Estimate the cost anew; return by how much it has changed."""
        before, encode = self.cost, msgspec.msgpack.encode
        self.cost = SLOT_BYTES + ALIAS_BYTES * len(self.aliases)
        self.cost += sum(ENCODED_GROWTH * len(encode(each)) for each in self.states.values())
        return self.cost - before


def folded(start: Callable[[Fold[Any]], Any], folds: Folds, history: Iterable[Event]) -> States:
    """Return the states of folds after a history, each begun by `start`."""
    states = {fold: start(fold) for fold in folds}
    for event in in_order(history):
        for fold in folds:
            if type(event) in fold.events and fold.evolve(states[fold], event) is REMOVED:
                states[fold] = start(fold)
    return states


@cache
def types_of(folds: Folds) -> tuple[type[Event], ...]:
    """Return the types that any of the folds accepts."""
    return tuple(dict.fromkeys(each for fold in folds for each in fold.events))


@cache
def read_types(fold: Fold[Any]) -> frozenset[int]:
    """Return the keys of the types that a state of a fold rests on: those that it accepts, and the rewriting ones."""
    wire = names()
    return frozenset(key(wire[each]) for each in (*fold.events, *rewriting_types(fold.tag)))
