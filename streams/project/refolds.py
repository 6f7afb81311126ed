"""What folding leaves to be folded again from histories: whole values, and single rows that an event came late for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from events.entry import key
from events.event import Event
from projections.read_model import Key
from streams.history.aliases import Aliases
from streams.history.past import DecodedHistory, Past
from streams.history.refold import Refolded, refold, refold_events
from streams.history.version import subscription
from streams.ports import Codec, Log
from streams.project.aside import Aside, Part
from streams.project.budget import Budget
from streams.project.model_state import ModelState
from streams.project.share import Share
from streams.project.stride import Stride
from streams.read_ports import Line, ReadTransaction, RefoldMark, RowsByTag

VALUES_PER_READ = 2000
"""Values whose histories are read in one query: enough to share its cost, few enough for the memory."""
MOST_DAYS = 10
"""Rows of one day with a long history that are folded in a batch's transaction; others are marked."""
LAST = (1 << 63) - 1
"""Behind every position: whoever holds the bookmark's lock removes a mark whatever has raised it."""

Rows: TypeAlias = "dict[Key | None, int]"
"""Rows of a value that are to be folded again, each with the position of what asks for it; None stands for all rows."""


class Item(Struct, frozen=True):
    """Rows of one value of one model that are to be folded again."""

    state: ModelState
    value: str
    rows: Rows

    @property
    def whole(self) -> bool:
        """Whether all rows of the value are."""
        return None in self.rows

    @property
    def of_days(self) -> bool:
        """Whether each row has the events of one day only."""
        day_of = self.state.model.day_of
        return not self.whole and all(row is not None and day_of(row) is not None for row in self.rows)

    @property
    def marks(self) -> list[RefoldMark]:
        """The marks that leave it to be folded beside the projector."""
        name, rows = self.state.model.name, {None: max(self.rows.values())} if self.whole else self.rows
        return [RefoldMark(name, self.value, row, since) for row, since in rows.items()]


class Refolds:
    """Notes what is to be folded again, and does so as of the end of a batch.

    A value is folded again as a whole if its history was rewritten, or an event could not be folded; its events are left
    out until then. An event that occurred before others that its row has is late: only that row is folded again. With
    `aside`, what does not fit into that stride is marked, and folded again beside the projector.
    """

    def __init__(
        self,
        log: Log,
        codec: Codec,
        states: Sequence[ModelState],
        aliases: Aliases,
        *,
        share: Share,
        aside: Stride | None,
    ) -> None:
        self._log, self._codec = log, codec
        self._states, self._aliases, self._share = states, aliases, share
        self._budget, self._aside = Budget(log, aliases, aside or Stride()), aside is not None
        self._noted: dict[str, dict[str, Rows]] = {}
        self._whole: dict[str, dict[str, None]] = {}
        self._done: dict[str, dict[str, None]] = {}
        self._marks: list[RefoldMark] = []
        self._unmarks: list[RefoldMark] = []

    def begin(self) -> None:
        """Begin a batch."""
        self._noted, self._whole, self._done = {}, {}, {}

    def whole(self, state: ModelState, values: Iterable[str], since: int) -> None:
        """Fold all rows of values again, because of what is at a position."""
        name = state.model.name
        for value in values:
            self._noted.setdefault(name, {}).setdefault(value, {})[None] = since
            self._whole.setdefault(name, {})[value] = None

    def row(self, state: ModelState, row: Key, since: int) -> None:
        """Fold one row again, because of what is at a position."""
        value = self._aliases.root(state.model.fold.tag, row[0])
        self._noted.setdefault(state.model.name, {}).setdefault(value, {})[value, *row[1:]] = since

    def left_out(self, state: ModelState) -> Collection[str]:
        """Return the values whose events are not to be folded as they come."""
        name = state.model.name
        found = [each for each in (self._whole.get(name), self._done.get(name), state.standing) if each]
        return found[0] if len(found) == 1 else {value for each in found for value in each}

    @property
    def most(self) -> int:
        """The number of values to be folded again as a whole, for the model that has most of them."""
        return max(map(len, self._whole.values()), default=0)

    def run(self, upto: int, store: RowsByTag) -> None:
        """Fold again what was noted, as of a position at or behind the end of the batch, or mark it."""
        left = self._items()
        while left:
            now, long, later = self._divided(left[:VALUES_PER_READ])
            left = later + left[VALUES_PER_READ:]
            past = Past(self._log, self._codec, upto=upto)
            found = past.apart(_wanted(now), self._aliases.names_of) if now else {}
            for state in self._states:
                self._fold([each for each in now if each.state is state], found, past, store)
            for each in long:
                self._fold_long(each, upto, store)
        for name, values in self._whole.items():
            self._done.setdefault(name, {}).update(values)
        self._noted, self._whole = {}, {}

    def alone(self, state: ModelState, value: str, upto: int, store: RowsByTag) -> None:
        """Fold the rows of one value again as of a position, and with them what is held of it."""
        folded = refold(state.model, value, Past(self._log, self._codec, upto=upto))
        self._replace(state, {value: folded}, store)

    def settle(self, store: ReadTransaction) -> None:
        """Record what was marked, and what no longer is."""
        if self._unmarks:
            store.unmark(self._unmarks)
        if self._marks:
            store.mark(self._marks)
        self._marks, self._unmarks = [], []

    def _items(self) -> list[Item]:
        """Return what is to be folded again in this share."""
        found: list[Item] = []
        for state in self._states:
            noted, kind = self._noted.get(state.model.name, {}), state.model.fold.tag
            for value in list(self._whole.get(state.model.name, ())):
                noted.setdefault(self._aliases.root(kind, value), {})[None] = noted[value][None]
            for value in self._share.chosen(noted):
                rows = noted[value]
                if key(state.tag(value)) in state.held:
                    rows[None] = max(rows.values())
                found.append(Item(state, value, rows))
        return found

    def _divided(self, items: Sequence[Item]) -> tuple[list[Item], list[Item], list[Item]]:
        """Return what is folded together now, what has a long history but is folded nevertheless, and what is next.

        With `aside` nothing is next: the rest is marked. What is marked already is not folded twice.
        """
        wanted: list[Item] = []
        for each in items:
            if self._merged(each) or not each.state.covers(each.rows, each.value):
                wanted.append(each)
            else:
                self._mark(each)
        now, long, later = list[Item](), list[Item](), list[Item]()
        fitting = self._budget.sort([(each.state.model, each.value) for each in wanted])
        for each, fits in zip(wanted, fitting, strict=True):
            if fits == "now":
                now.append(each)
            elif fits == "later" and not self._aside:
                later.append(each)
            elif not self._aside or (each.of_days and sum(len(one.rows) for one in long) < MOST_DAYS):
                long.append(each)
            else:
                self._mark(each)
        return now, long, later

    def _fold_long(self, item: Item, upto: int, store: RowsByTag) -> None:
        """Fold rows of a long history: what happened on their days, or all of it in slices."""
        state, model, rows = item.state, item.state.model, [row for row in item.rows if row is not None]
        if item.of_days:
            past = Past(self._log, self._codec, upto=upto)
            found = [refold_events(model, item.value, past.of_row(model, row), [row]) for row in rows]
            if not any(each.held for each in found):
                folded = zip(rows, found, strict=True)
                state.rows.put_changed({row: each.line(row) for row, each in folded})
                return
        if self._aside:  # an event cannot be folded: which ones that holds takes the whole history
            self._mark(Item(state, item.value, {None: max(item.rows.values())}))
            return
        part = Part(model, None if item.whole or item.of_days else frozenset(rows))
        aside = Aside(self._log, self._codec, self._aliases, item.value, [part])
        aside.run(upto)
        (result,) = aside.results()
        if aside.folds[0].keys is None:
            self._replace(state, {item.value: result}, store)
        else:
            state.rows.put_changed({row: result.line(row) for row in rows})

    def _mark(self, item: Item) -> None:
        marks = item.state.covering(item.marks)
        self._marks += marks
        for each in marks:
            item.state.mark(each)

    def _merged(self, item: Item) -> bool:
        return self._aliases.root(item.state.model.fold.tag, item.value) != item.value

    def _fold(
        self,
        items: Sequence[Item],
        found: Mapping[str, DecodedHistory],
        past: Past,
        store: RowsByTag,
    ) -> None:
        again: dict[str, Refolded] = {}
        rows: dict[Key, Line | None] = {}
        for each in items:
            tag, model = each.state.tag(each.value), each.state.model
            if self._merged(each):
                again[each.value] = Refolded({}, merged=True)
                continue
            history = found[tag]
            if history.broken:  # by an entry that perhaps only another model would fold
                history = past.apart({tag: subscription(model)})[tag]
            if not each.whole:
                wanted = [row for row in each.rows if row is not None]
                folded = refold_events(model, each.value, history, wanted)
                if not folded.held:
                    rows |= {row: folded.line(row) for row in wanted}
                    continue
            again[each.value] = refold_events(model, each.value, history)
        if items:
            items[0].state.rows.put_changed(rows)
            self._replace(items[0].state, again, store)

    def _replace(self, state: ModelState, folded: Mapping[str, Refolded], store: RowsByTag) -> None:
        """Replace the rows of values, and what is held of them, by what was folded again."""
        if not folded:
            return
        known: Iterable[Key] = [(value,) for value in folded]
        if len(state.model.key) > 1:
            known = () if state.table_empty else store.of_tags(state.table, list(folded))
        lines = {row: line for each in folded.values() for row, line in (each.lines | each.removed).items()}
        state.rows.replace(folded.keys(), lines, known)
        for value, each in folded.items():
            state.release(key(state.tag(value)))
            for held in each.held:
                state.hold(held)
            if state.unmark(value):
                self._unmarks.append(RefoldMark(state.model.name, value, None, LAST))


def _wanted(items: Iterable[Item]) -> dict[str, tuple[type[Event], ...]]:
    """Return the tags whose histories are needed, each with the types that the models need."""
    wanted: dict[str, dict[type[Event], None]] = {}
    for each in items:
        types = wanted.setdefault(each.state.tag(each.value), {})
        types.update(dict.fromkeys(subscription(each.state.model)))
    return {tag: tuple(types) for tag, types in wanted.items()}
