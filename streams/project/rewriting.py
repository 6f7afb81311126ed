"""Refold rows whose history an event has rewritten: by beginning or ending an alias, or by a retraction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from events.alias import alias_of
from events.entry import key
from events.event import Event
from projections.read_model import Key
from streams.history.aliases import Aliases, renaming
from streams.history.refold import Past, Refolded, refold, refold_events
from streams.history.version import rewrites_rows, subscription
from streams.ports import Codec, Log
from streams.project.model_state import ModelState
from streams.project.row_cache import values_of
from streams.project.share import Share
from streams.read_ports import ReadTransaction, Renamed

MOST_REFOLDED = 20_000
"""Events. Once a transaction has refolded this many for aliases and retractions, defer the rest of the batch:
one that takes over 5 s is aborted by the store."""


class Rewriting:
    """Refolds the rows of one share whose history is rewritten; `aliases` advance with each alias event."""

    def __init__(
        self, log: Log, codec: Codec, states: Sequence[ModelState], aliases: Aliases, share: Share
    ) -> None:
        self._log, self._codec = log, codec
        self._states, self._aliases, self._share = states, aliases, share
        self._renamed: list[Renamed] = []
        self._refolded = 0

    def begin(self) -> None:
        """Begin to count what is refolded for one batch."""
        self._refolded = 0

    @property
    def exhausted(self) -> bool:
        """Whether this batch has refolded as much as fits into a short transaction."""
        return self._refolded > MOST_REFOLDED

    def rewrite(self, event: Event, store: ReadTransaction) -> None:
        """Refold all rows whose history an event rewrites, as of the event."""
        if alias_of(type(event)):
            self._rename(event, store)
        else:
            self._retract(event, store)

    def refold(self, state: ModelState, value: str, upto: int, store: ReadTransaction) -> None:
        """Refold the rows of one value as of a position, and with them what is held of it."""
        folded = refold(state.model, value, Past(self._log, self._codec, upto=upto))
        _replace(state, [value], [folded], store)

    def settle(self, store: ReadTransaction) -> None:
        """Record the new aliases for queries."""
        if self._renamed:
            store.rename(self._renamed)
            self._renamed = []

    def _rename(self, event: Event, store: ReadTransaction) -> None:
        """Refold the rows of all values that an alias joins or separates."""
        kind, values = self._aliases.advance(event)
        self._renamed.append(renaming(event))
        states = [each for each in self._behind(event) if each.model.fold.tag == kind]
        if states:
            self._refold_all(states, {*values, *values_of(states[0].model, event)}, event, store)

    def _retract(self, event: Event, store: ReadTransaction) -> None:
        """Refold all rows that may rest on a retracted event."""
        states = [each for each in self._behind(event) if rewrites_rows(each.model, event)]
        for kind in sorted({each.model.fold.tag for each in states}):
            of_kind = [each for each in states if each.model.fold.tag == kind]
            values = {self._aliases.root(kind, each) for each in values_of(of_kind[0].model, event)}
            self._refold_all(of_kind, values, event, store)

    def _behind(self, event: Event) -> list[ModelState]:
        return [each for each in self._states if each.position < event.position]

    def _refold_all(
        self, states: Sequence[ModelState], values: Collection[str], event: Event, store: ReadTransaction
    ) -> None:
        """Refold many values of one kind for many models, with a single read of their histories."""
        if chosen := sorted(self._share.chosen(values)):
            types = tuple(dict.fromkeys(each for state in states for each in subscription(state.model)))
            past = Past(self._log, self._codec, upto=event.position)
            histories = past.apart({states[0].tag(value): types for value in chosen})
            self._refolded += len(states) * sum(len(each.events) for each in histories.values())
            for state in states:
                folded = [refold_events(state.model, each, histories[state.tag(each)]) for each in chosen]
                _replace(state, chosen, folded, store)
        for state in states:
            state.position = event.position


def _replace(
    state: ModelState, values: Sequence[str], folded: Sequence[Refolded], store: ReadTransaction
) -> None:
    """Replace the rows of these values, and what is held of them, by what was refolded."""
    known: Iterable[Key] = [(value,) for value in values]
    if len(state.model.key) > 1:
        known = () if state.table_empty else store.of_tags(state.table, values)
    for value, each in zip(values, folded, strict=True):
        state.release(key(state.tag(value)))
        state.rows.replace(value, each.lines, [key_ for key_ in known if key_[0] == value])
        for held in each.held:
            state.hold(held)
