"""Note what a batch rewrites by beginning or ending aliases, or by retractions."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from events.alias import alias_of
from streams.history.aliases import REWRITING, Aliases, renaming
from streams.history.decoding import BrokenEntry, Decoded
from streams.history.version import rewrites_rows
from streams.project.model_state import ModelState
from streams.project.refolds import Refolds
from streams.project.row_cache import values_of
from streams.read_ports import ReadTransaction, Renamed

MOST_REFOLDED = 20_000
"""Events, each counted for every model. Once a transaction has this many to refold for aliases and retractions, defer
the rest of the batch: one that takes over 5 s is aborted by the store."""
MOST_TOGETHER = 100_000
"""The same, if the first rewriting event alone asks for much: what follows it is mostly about the same value, which
would be refolded as a whole for each of them. Twice as much as for the first is taken then, but no more than this."""


class Rewriting:
    """Tells which rows of one share are to be folded again because their history is rewritten.

    All rewriting events of a batch happen to `aliases` first; then each value whose rows they touch is refolded once,
    as of the batch's end. A chain of merges costs what its last name's history does.
    """

    def __init__(self, states: Sequence[ModelState], aliases: Aliases, refolds: Refolds) -> None:
        self._states, self._aliases, self._refolds = states, aliases, refolds
        self._renamed: list[Renamed] = []

    def begin(self, items: Sequence[Decoded]) -> int:
        """Let the rewriting events of a batch happen to the aliases; return how many of its items can be folded now.

        Those are all, unless rewriting takes more than a short transaction can do.
        """
        self._refolds.begin(items[-1].position if items else self._aliases.position)
        found = [number for number, each in enumerate(items) if type(each) in REWRITING]
        return self._rewrite(items, found) if found else len(items)

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
                size = self._refolds.size(items[found[noted - 1]].position)
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
                self._refolds.whole(state, (*values, *values_of(state.model, event)))
