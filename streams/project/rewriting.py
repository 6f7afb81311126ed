"""Refold rows whose history a batch has rewritten: by beginning or ending aliases, or by retractions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from events.alias import alias_of
from events.entry import key
from projections.read_model import Key, ReadModel
from streams.history.aliases import REWRITING, Aliases, renaming
from streams.history.decoding import BrokenEntry, Decoded
from streams.history.refold import DecodedHistory, Past, Refolded, refold, refold_events
from streams.history.version import rewrites_rows
from streams.ports import Codec, Log
from streams.project.batch_histories import BatchHistories
from streams.project.model_state import ModelState
from streams.project.row_cache import values_of
from streams.project.share import Share
from streams.read_ports import ReadTransaction, Renamed

MOST_REFOLDED = 20_000
"""Events, each counted for every model. Once a transaction has this many to refold for aliases and retractions, defer
the rest of the batch: one that takes over 5 s is aborted by the store."""
MOST_TOGETHER = 100_000
"""The same, if the first rewriting event alone asks for much: what follows it is mostly about the same value, which
would be refolded as a whole for each of them. Twice as much as for the first is taken then, but no more than this."""


class Rewriting:
    """Refolds the rows of one share whose history is rewritten.

    All rewriting events of a batch happen to `aliases` first; then each value whose rows they touch is refolded once,
    as of the batch's end. A chain of merges costs what its last name's history does.
    """

    def __init__(
        self, log: Log, codec: Codec, states: Sequence[ModelState], aliases: Aliases, share: Share
    ) -> None:
        self._log, self._codec = log, codec
        self._states, self._aliases, self._share = states, aliases, share
        self._renamed: list[Renamed] = []
        self._touched: dict[str, dict[str, None]] = {}
        self._histories = BatchHistories(log, codec, aliases, aliases.position)
        self.since = aliases.position
        """The position of the aliases before the present batch."""

    def begin(self, items: Sequence[Decoded], *, rewrites: bool) -> int:
        """Let the rewriting events of a batch happen to the aliases; return how many of its items can be folded now.

        Those are all, unless rewriting takes more than a short transaction can do. Without `rewrites` nothing happens.
        """
        self._touched, self.since = {}, self._aliases.position
        found = [number for number, each in enumerate(items) if type(each) in REWRITING] if rewrites else []
        if not found:
            return len(items)
        self._histories = BatchHistories(self._log, self._codec, self._aliases, items[-1].position)
        taken = self._rewrite(items, found)
        for state in self._touched_states():
            values = self._touched[state.model.name]
            values.update(dict.fromkeys(self._roots(state)))
        return taken

    def touched(self, state: ModelState) -> Collection[str]:
        """Return the values of which a model's rows are to be refolded as of the batch's end."""
        return self._touched.get(state.model.name, ())

    def refold_touched(self, upto: int, store: ReadTransaction) -> None:
        """Refold the values that the batch has touched, as of its end."""
        if self._touched:
            found = self._histories.read(self._wanted(), upto)
            for state in self._touched_states():
                values = self._share.chosen(self._touched[state.model.name])
                folded = {each: self._refolded(state, each, found, upto) for each in values}
                _replace(state, folded, store)

    def refold(self, state: ModelState, value: str, upto: int, store: ReadTransaction) -> None:
        """Refold the rows of one value as of a position, and with them what is held of it."""
        folded = refold(state.model, value, Past(self._log, self._codec, upto=upto))
        _replace(state, {value: folded}, store)

    def settle(self, store: ReadTransaction) -> None:
        """Record the new aliases for queries."""
        if self._renamed:
            store.rename(self._renamed)
            self._renamed = []

    def _rewrite(self, items: Sequence[Decoded], found: Sequence[int]) -> int:
        """Note the items at the found places, ever more of them at once, until there is too much to refold."""
        noted, more, most = 0, 1, MOST_REFOLDED
        while noted < len(found):
            for number in found[noted : noted + more]:
                self._note(items[number])
            noted, more = noted + more, 2 * more
            if noted < len(found):
                size = self._size(items[found[noted - 1]].position)
                if noted == 1:
                    most = min(max(most, 2 * size), MOST_TOGETHER)
                if size > most:
                    return found[noted]
        return len(items)

    def _note(self, event: Decoded) -> None:
        """Let an event happen to the aliases, and note what it touches."""
        if isinstance(event, BrokenEntry):
            return
        values: Collection[str] = ()
        if alias_of(type(event)):
            _, values = self._aliases.advance(event)
            self._renamed.append(renaming(event))
        for state in self._states:
            if state.position < event.position and rewrites_rows(state.model, event):
                touched = self._touched.setdefault(state.model.name, {})
                touched.update(dict.fromkeys((*values, *values_of(state.model, event))))

    def _size(self, upto: int) -> int:
        """Return how many events are to be refolded as of a position, each counted for every model."""
        wanted = self._wanted()
        found = self._histories.read(wanted, upto)
        return sum(len(found[tag].events) * len(models) for tag, models in wanted.items())

    def _touched_states(self) -> list[ModelState]:
        return [each for each in self._states if each.model.name in self._touched]

    def _roots(self, state: ModelState) -> list[str]:
        """Return the values that stand for those touched, as far as their rows are folded here."""
        kind, root = state.model.fold.tag, self._aliases.root
        roots = dict.fromkeys(root(kind, each) for each in self._touched[state.model.name])
        return self._share.chosen(roots)

    def _wanted(self) -> dict[str, list[ReadModel[Any]]]:
        """Return the tags whose histories are needed, each with the models that need it."""
        wanted: dict[str, list[ReadModel[Any]]] = {}
        for state in self._touched_states():
            for value in self._roots(state):
                wanted.setdefault(state.tag(value), []).append(state.model)
        return wanted

    def _refolded(
        self, state: ModelState, value: str, found: Mapping[str, DecodedHistory], upto: int
    ) -> Refolded:
        tag = state.tag(value)
        history = found.get(tag)
        if self._histories.broken:
            models = [
                each.model for each in self._touched_states() if each.model.fold.tag == state.model.fold.tag
            ]
            history = self._histories.alone(tag, models, upto)
            if history.broken:
                return refold(state.model, value, Past(self._log, self._codec, upto=upto))
        return Refolded({}, merged=True) if history is None else refold_events(state.model, value, history)


def _replace(state: ModelState, folded: Mapping[str, Refolded], store: ReadTransaction) -> None:
    """Replace the rows of values, and what is held of them, by what was refolded."""
    known: Iterable[Key] = [(value,) for value in folded]
    if len(state.model.key) > 1:
        known = () if state.table_empty or not folded else store.of_tags(state.table, list(folded))
    lines = {key_: line for each in folded.values() for key_, line in each.lines.items()}
    state.rows.replace(folded.keys(), lines, known)
    for value, each in folded.items():
        state.release(key(state.tag(value)))
        for held in each.held:
            state.hold(held)
