"""Bulk folding: the log from its beginning into empty tables, by several processes."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from operator import attrgetter
from typing import TypeAlias, TypeVar

from events.entry import key
from events.event import Event
from projections.read_model import Key
from streams.history.aliases import Aliases
from streams.history.decoding import BrokenEntry, Decoded, decode
from streams.history.refold import rows_of
from streams.processes import process_pool, uninterrupted
from streams.project.folding import Folding
from streams.project.model_state import MOST_HELD, ModelState
from streams.project.row_cache import values_of
from streams.project.share import Share
from streams.project.workload import divide
from streams.read_ports import Held, Open, Parts, Table, Unstorable

T = TypeVar("T")

HeldByModel: TypeAlias = dict[str, list[Held]]
OnProgress: TypeAlias = Callable[[int, int], None]
"""Called with the position that has been reached, and the one to reach."""

FOLD_BYTES = 192 * 1024 * 1024
"""Memory for the rows of one process; beyond it they are written and read back."""
BATCHES_PER_LOOK = 4
"""Batches folded between two estimates of that memory, which cost a little time."""
ROWS_PER_WRITE = 20_000
"""Rows of a model written in one transaction, which the store aborts after 5 s."""
SMALL = 50_000
"""Positions up to which one process is as fast as several, which would have to start first."""


def silent(_done: int, _total: int) -> None:
    """Ignore progress."""


def fold_all(
    open_: Open,
    tables: Sequence[Table],
    upto: int,
    *,
    processes: int = 1,
    bound: int = FOLD_BYTES,
    progress: OnProgress = silent,
    finish: bool = False,
) -> HeldByModel:
    """Fold the log up to a position into empty tables, and index them if `finish`; return what is held, by model."""
    with open_() as parts:
        workloads = divide(parts.log, tables, upto, processes if upto > SMALL else 1)
    first, others = workloads[0], workloads[1:]
    alone = first[1].of == 1  # no other process fills its tables
    if not others:
        return fold_share(open_, *first, upto, bound, finish, progress)
    with process_pool(len(others)) as pool:
        with uninterrupted():
            running = [
                pool.submit(fold_share, open_, *each, upto, bound, finish and alone, silent)
                for each in others
            ]
        found = [fold_share(open_, *first, upto, bound, finish and alone, progress)]
        found += [each.result() for each in running]
    if finish and not alone:
        with open_() as parts:
            for table in tables:
                parts.store.finish(table)
    return _merged(found)


def _merged(found: Iterable[HeldByModel]) -> HeldByModel:
    """Merge what several processes hold; an entry that cannot be decoded is held by all of them."""
    merged: dict[str, dict[tuple[int, int], Held]] = {}
    for one in found:
        for model, held in one.items():
            merged.setdefault(model, {}).update({(each.tag, each.position): each for each in held})
    return {model: list(held.values()) for model, held in merged.items()}


def fold_share(  # noqa: PLR0917 - sent to another process as it stands
    open_: Open,
    tables: Sequence[Table],
    share: Share,
    upto: int,
    bound: int,
    finish: bool,  # noqa: FBT001 - likewise
    progress: OnProgress,
) -> HeldByModel:
    """Fold the rows of one share; return what is held, by model."""
    with open_() as parts, _no_collection():
        bulk = _Bulk(parts, tables, upto, share, bound)
        bulk.run(progress)
        held = bulk.end(finish=finish)
        progress(upto, upto)
        return held


@contextmanager
def _no_collection() -> Iterator[None]:
    """Switch garbage collection off: rows form no cycles, and scanning millions of them would take most of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the items of an iterator, in order, while a thread fetches the next one."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, items, None)
        while (item := following.result()) is not None:
            following = thread.submit(next, items, None)
            yield item


class _Bulk:
    def __init__(self, parts: Parts, tables: Sequence[Table], upto: int, share: Share, bound: int) -> None:
        self._log, self._codec, self._store = parts.log, parts.codec, parts.store
        self._upto, self._bound = upto, bound
        self._states = [ModelState(table, table_empty=True) for table in tables]
        self._aliases = Aliases.load(parts.log, parts.codec, upto)
        self._retracted_ids = {id_ for _, id_ in self._aliases.retracted}
        self._rewritten: dict[str, dict[Key, int]] = {}
        """By model, the rows of retracted events, each with the position of the retraction."""
        self._folding = Folding(
            parts.log, parts.codec, self._states, self._aliases, share=share, rewrites=False
        )

    def run(self, progress: OnProgress) -> None:
        """Fold the log; write rows only when they exceed the memory that they may take."""
        types = [key(each) for each in self._folding.types]
        for number, batch in enumerate(_ahead(self._log.tail(0, self._upto, types)), 1):
            items = self._true(decode(self._codec, batch))
            with self._store.transaction() as store:
                self._folding.apply(items, store, self._store.tags_at)
            if self._folding.refolds.most >= MOST_HELD:
                self._folding.refolds.run(self._upto, self._store)  # a fold that is at fault is found soon
            if number % BATCHES_PER_LOOK == 0 and self._bytes() > self._bound:
                deque(self._flush(), maxlen=0)
            progress(batch[-1].position, self._upto)

    def end(self, *, finish: bool) -> HeldByModel:
        """Write the rows that are left, indexing one table while the next is written; return what is held."""
        self._folding.refolds.run(self._upto, self._store)
        with ThreadPoolExecutor(1) as thread:
            finishing = [thread.submit(self._store.finish, table) for table in self._flush() if finish]
        for each in finishing:
            each.result()
        with self._store.transaction() as store:
            for state in self._states:
                if touched := self._aliases.touched(state.model):
                    store.touch(state.table, touched)
                if rewritten := self._rewritten.get(state.model.name):
                    store.touch_rows(state.table, rewritten)
        return {state.model.name: state.newly_held for state in self._states}

    def _bytes(self) -> int:
        return sum(state.rows.bytes() for state in self._states)

    def _true(self, items: Sequence[Decoded]) -> Sequence[Decoded]:
        """Leave out retracted events; note which rows that rewrote."""
        retracted, ids = self._aliases.retracted, self._retracted_ids
        gone = [each for each in items if each.id in ids and (each.source, each.id) in retracted]
        for each in gone:
            if not isinstance(each, BrokenEntry):
                self._rewrite(each, retracted[each.source, each.id])
        left_out = {each.position for each in gone}
        return [each for each in items if each.position not in left_out] if gone else items

    def _rewrite(self, event: Event, position: int) -> None:
        for state in self._states:
            for value in values_of(state.model, event):
                root = self._aliases.root(state.model.fold.tag, value)
                rows = self._rewritten.setdefault(state.model.name, {})
                for row in rows_of(state.model, value, event):
                    rows[root, *row[1:]] = max(position, rows.get((root, *row[1:]), 0))

    def _flush(self) -> Iterator[Table]:
        """Write all rows, by a copy if the table is still empty; yield each table that has all of its rows."""
        partly: list[Table] = []
        for state in self._states:
            if state.table_empty:
                self._fill(state)
            if state.rows.changed:
                partly.append(state.table)
            else:
                yield state.table
        more = bool(partly)
        while more:
            with self._store.transaction() as store:
                more = self._folding.write(store, ROWS_PER_WRITE)
        yield from partly
        for state in self._states:
            state.rows.clear()

    def _fill(self, state: ModelState) -> None:
        lines, gone = state.rows.take_changed()
        removed = iter((key_, at) for key_, at in gone.items() if at is not None)
        while part := dict(islice(removed, ROWS_PER_WRITE)):
            with self._store.transaction() as store:
                store.remove(state.table, part)
        if not lines:
            return
        state.table_empty = False
        lines.sort(key=attrgetter(*(f"row.{each}" for each in state.model.key)))
        try:
            self._store.fill(state.table, lines)
        except Unstorable:
            # All are written again, over those that were copied, and row by row if need be.
            state.rows.write_again(lines)
