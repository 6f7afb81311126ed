"""What folding leaves to be folded again from histories: whole values, and single rows that an event came late for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from events.entry import key
from projections.read_model import Key, ReadModel
from streams.history.aliases import Aliases
from streams.history.past import DecodedHistory, Past
from streams.history.refold import Refolded, refold, refold_events
from streams.ports import Codec, Log
from streams.project.batch_histories import BatchHistories
from streams.project.model_state import ModelState
from streams.project.share import Share
from streams.read_ports import Line, ReadTransaction

VALUES_PER_READ = 2000
"""Values whose histories are read in one query: enough to share its cost, few enough for the memory."""


class Refolds:
    """Notes what is to be folded again, and does so as of the end of a batch.

    A value is folded again as a whole if its history was rewritten, or an event could not be folded; its events are left
    out until then. An event that occurred before others that its row has is late: only that row is folded again.
    """

    def __init__(
        self, log: Log, codec: Codec, states: Sequence[ModelState], aliases: Aliases, share: Share
    ) -> None:
        self._log, self._codec = log, codec
        self._states, self._aliases, self._share = states, aliases, share
        self._whole: dict[str, dict[str, None]] = {}
        self._late: dict[str, dict[str, dict[Key, None]]] = {}
        self._done: dict[str, dict[str, None]] = {}
        self.histories = BatchHistories(log, codec, aliases, aliases.position)

    def begin(self, upto: int) -> None:
        """Begin a batch that ends at a position."""
        self._whole, self._late, self._done = {}, {}, {}
        self.histories = BatchHistories(self._log, self._codec, self._aliases, upto)

    def whole(self, state: ModelState, values: Iterable[str]) -> None:
        """Fold all rows of values again."""
        self._whole.setdefault(state.model.name, {}).update(dict.fromkeys(values))

    def late(self, state: ModelState, key_: Key) -> None:
        """Fold one row again."""
        self._late.setdefault(state.model.name, {}).setdefault(key_[0], {})[key_] = None

    def left_out(self, state: ModelState) -> Collection[str]:
        """Return the values whose events are not to be folded as they come."""
        name = state.model.name
        done = self._done.get(name)
        return self._whole.get(name, {}).keys() | done.keys() if done else self._whole.get(name, ())

    @property
    def most(self) -> int:
        """The number of values to be folded again as a whole, for the model that has most of them."""
        return max(map(len, self._whole.values()), default=0)

    def size(self, upto: int) -> int:
        """Return how many events are to be folded again as of a position, each counted for every model."""
        wanted = self._wanted(self._items())
        found = self.histories.read(wanted, upto)
        return sum(len(found[tag].events) * len(models) for tag, models in wanted.items())

    def run(self, upto: int, store: ReadTransaction) -> None:
        """Fold again what was noted, as of a position at or behind the end of the batch."""
        for state in self._states:
            if values := self._whole.get(state.model.name):
                values.update(dict.fromkeys(self._roots(state, values)))
        items = iter(self._items())
        while part := list(islice(items, VALUES_PER_READ)):
            found = self.histories.read(self._wanted(part), upto)
            for state in self._states:
                mine = [value for each, value in part if each is state]
                self._run(state, mine, found, upto, store)
        for name, values in self._whole.items():
            self._done.setdefault(name, {}).update(values)
        self._whole, self._late = {}, {}

    def alone(self, state: ModelState, value: str, upto: int, store: ReadTransaction) -> None:
        """Fold the rows of one value again as of a position, and with them what is held of it."""
        folded = refold(state.model, value, Past(self._log, self._codec, upto=upto))
        _replace(state, {value: folded}, store)

    def _items(self) -> Iterator[tuple[ModelState, str]]:
        """Yield the values to be folded again that belong to this share, each with its model."""
        for state in self._states:
            name = state.model.name
            values = self._whole.get(name, {}).keys() | self._late.get(name, {}).keys()
            yield from ((state, each) for each in self._share.chosen(values))

    def _roots(self, state: ModelState, values: Iterable[str]) -> list[str]:
        kind, root = state.model.fold.tag, self._aliases.root
        return [root(kind, each) for each in values]

    def _wanted(self, items: Iterable[tuple[ModelState, str]]) -> dict[str, list[ReadModel[Any]]]:
        """Return the tags whose histories are needed, each with the models that need it."""
        wanted: dict[str, dict[str, ReadModel[Any]]] = {}
        for state, value in items:
            for root in self._roots(state, [value]):
                wanted.setdefault(state.tag(root), {})[state.model.name] = state.model
        return {tag: list(models.values()) for tag, models in wanted.items()}

    def _run(
        self,
        state: ModelState,
        values: Sequence[str],
        found: Mapping[str, DecodedHistory],
        upto: int,
        store: ReadTransaction,
    ) -> None:
        whole, late = self._whole.get(state.model.name, {}), self._late.get(state.model.name, {})
        again: dict[str, Refolded] = {}
        rows: dict[Key, Line | None] = {}
        for value in values:
            if value not in whole:
                folded = self._refolded(state, value, found, upto, late[value])
                if not folded.held:
                    rows |= {each: folded.lines.get(each) or folded.removed.get(each) for each in late[value]}
                    continue
            again[value] = self._refolded(state, value, found, upto)
        state.rows.put_changed(rows)
        _replace(state, again, store)

    def _refolded(
        self,
        state: ModelState,
        value: str,
        found: Mapping[str, DecodedHistory],
        upto: int,
        keys: Collection[Key] | None = None,
    ) -> Refolded:
        if self._aliases.root(state.model.fold.tag, value) != value:
            return Refolded({}, merged=True)
        history = found[state.tag(value)]
        if self.histories.broken:
            history = self.histories.alone(state.tag(value), state.model, upto)
        return refold_events(state.model, value, history, keys)


def _replace(state: ModelState, folded: Mapping[str, Refolded], store: ReadTransaction) -> None:
    """Replace the rows of values, and what is held of them, by what was folded again."""
    if not folded:
        return
    known: Iterable[Key] = [(value,) for value in folded]
    if len(state.model.key) > 1:
        known = () if state.table_empty else store.of_tags(state.table, list(folded))
    lines = {key_: line for each in folded.values() for key_, line in (each.lines | each.removed).items()}
    state.rows.replace(folded.keys(), lines, known)
    for value, each in folded.items():
        state.release(key(state.tag(value)))
        for held in each.held:
            state.hold(held)
