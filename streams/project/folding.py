"""Fold batches of the log into the rows of many read models: what following and rebuilding have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from events.event import Event
from events.order import NEVER, in_order
from streams.history.aliases import Aliases
from streams.history.decoding import BrokenEntry, Decoded
from streams.ports import Codec, Log
from streams.project.model_state import ModelState, RowEvents
from streams.project.quarantine import Quarantine
from streams.project.refolds import Refolds
from streams.project.rewriting import Rewriting
from streams.project.row_cache import KeysOf, ValueOf, keys_of, only_value_of
from streams.project.share import WHOLE, Share
from streams.project.stride import Stride
from streams.read_ports import Line, ReadTransaction, Unstorable

Route: TypeAlias = tuple[ModelState, ValueOf | None, KeysOf]
"""A model that folds a type of event, and how the keys of the rows are found."""


class Folding:
    """Folds batches into the rows of its models, for each model only what lies behind the model's position.

    `aliases` are those as of the batch's start, and advance with it. A rebuild from nothing passes those as of its
    end instead, with `rewrites` off, and folds again what is noted in `refolds` only once it is through. `share` says
    which rows are folded here, `aside` that what does not fit into the stride may be left to be folded again beside this process.
    """

    def __init__(
        self,
        log: Log,
        codec: Codec,
        states: Iterable[ModelState],
        aliases: Aliases,
        *,
        share: Share = WHOLE,
        rewrites: bool = True,
        aside: Stride | None = None,
    ) -> None:
        self.states, self.aliases, self._mine = tuple(states), aliases, share.mine
        self.refolds = Refolds(log, codec, self.states, aliases, share=share, aside=aside)
        self.quarantine = Quarantine(log, codec, self.states, aliases, share=share, refolds=self.refolds)
        self._rewriting = Rewriting(log, codec, self.states, aliases, self.refolds) if rewrites else None
        self._routes = _routes(self.states)
        self._folded = aliases.position

    @property
    def types(self) -> tuple[str, ...]:
        """The wire names of all events that matter."""
        return tuple(sorted(frozenset[str]().union(*(each.types for each in self.states))))

    def apply(
        self, items: Sequence[Decoded], store: ReadTransaction, tags_at: Callable[[int], Sequence[int]]
    ) -> None:
        """Fold decoded entries, given by position, in the order of what occurred."""
        if self._rewriting:
            self._rewriting.begin(items)
        segment: list[Event] = []
        for item in _ordered(items):
            if isinstance(item, BrokenEntry):
                self._fold(segment, store)
                self.quarantine.hold_broken(item, tags_at)
                segment = []
            else:
                segment.append(item)
        self._fold(segment, store)
        if items:
            self._folded = max(self._folded, items[-1].position)
            if self._rewriting:
                self.refolds.run(items[-1].position, store)

    def write(self, store: ReadTransaction, most: int | None = None) -> bool:
        """Write the changed rows of each model, at most `most` of them; report whether there are more."""
        for state in self.states:
            if not state.rows.changed:
                continue
            lines, gone = state.rows.take_changed(most)
            try:
                store.write(state.table, lines)
            except Unstorable as error:
                for value in sorted({each[0] for each in error.keys}):
                    self.refolds.alone(state, value, self._folded, store)
                state.rows.write_again(lines)
            if gone:
                store.remove(state.table, gone)
        return any(state.rows.changed for state in self.states)

    def settle(self, store: ReadTransaction) -> None:
        """Write all that has changed: rows, what is held, aliases."""
        while self.write(store):
            pass
        self.quarantine.settle(store)
        self.refolds.settle(store)
        if self._rewriting:
            self._rewriting.settle(store)

    def _fold(self, segment: Iterable[Event], store: ReadTransaction) -> None:
        """Route events to the rows that they change, and fold them into those that are not to be folded again anyway."""
        routes = self._routes
        for event in segment:
            position = event.position
            for state, value_of, keys_of_ in routes.get(type(event), ()):
                if position <= state.position:
                    continue
                if value_of:
                    state.pending.append(((value_of(event),), event))
                    continue
                try:
                    state.pending.extend([(key, event) for key in keys_of_(event)])
                except Exception:  # noqa: BLE001 - folding its values again holds the event with the error
                    self.quarantine.hold_whole(state, event)
        self._fold_pending(self.states, store)

    def _fold_pending(self, states: Iterable[ModelState], store: ReadTransaction) -> None:
        """Fold the pending events, once the rows that they change are in memory; all are loaded together."""
        folding = [(state, self._take_pending(state)) for state in states if state.pending]
        missing = [
            (state, state.rows.missing(dict.fromkeys([key for key, _ in events])))
            for state, events in folding
            if not state.table_empty
        ]
        found = store.load_all([(state.table, keys) for state, keys in missing])
        for (state, keys), lines in zip(missing, found, strict=True):
            state.rows.put(keys, lines)
        for state, events in folding:
            self._fold_rows(state, events)

    def _take_pending(self, state: ModelState) -> RowEvents:
        """Take the pending events of this share's untouched rows, with keys under the values that aliases stand for."""
        kind, mine, events = state.model.fold.tag, self._mine, state.pending
        state.pending = []
        into = self.aliases.of(kind)
        if into and any(key[0] in into for key, _ in events):
            root = self.aliases.root
            renamed = [
                ((root(kind, key[0]), *key[1:]) if key[0] in into else key, event) for key, event in events
            ]
            # An event that carries several names of one value changes its row once.
            events = list({(key, event.position): (key, event) for key, event in renamed}.values())
        if left_out := self.refolds.left_out(state):
            events = [each for each in events if each[0][0] not in left_out]
        if mine is not None:
            events = [each for each in events if mine(each[0][0])]
        if state.held:
            events = [each for each in events if not self.quarantine.hold_behind(state, each[0][0], each[1])]
        return events

    def _fold_rows(self, state: ModelState, events: RowEvents) -> None:
        """Fold events into rows in memory. The hot loop: it runs for every event and row."""
        young, changed = state.rows.young, state.rows.changed
        start, evolve, bound = state.model.row, state.model.fold.evolve, state.model.bound
        all_bound = not state.model.anytime
        for key, event in events:
            line = young.get(key)
            if line is None:
                line = young[key] = Line(start(*key), 0)
            if all_bound or type(event) in bound:
                if event.occurred_at < line.at:
                    self.refolds.row(state, key, event.position)
                    continue
                line.at = event.occurred_at
            if line.row is None:
                line.row = start(*key)
            try:
                if evolve(line.row, event) is not None:
                    line.row = None
            except Exception:  # noqa: BLE001 - folding its value again holds the event with the error
                self.refolds.whole(state, [key[0]], event.position)
                continue
            if event.position > line.position:  # noqa: PLR1730 - max() is a call for every event and row
                line.position = event.position
            if not line.changed:
                line.changed = True
                changed[key] = None


def _ordered(items: Sequence[Decoded]) -> Sequence[Decoded]:
    """Return entries in the order of what occurred; they are, as a rule."""
    last = NEVER
    for each in items:
        if each.occurred_at < last:
            return in_order(items)
        last = each.occurred_at
    return items


def _routes(states: Iterable[ModelState]) -> dict[type[Event], list[Route]]:
    """Return the routes by type of event."""
    routes: dict[type[Event], list[Route]] = {}
    for state in states:
        for cls in state.model.fold.events:
            route = state, only_value_of(state.model, cls), keys_of(state.model, cls)
            routes.setdefault(cls, []).append(route)
    return routes
