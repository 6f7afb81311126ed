"""Fold the log from its beginning into fresh tables: several processes, each its share of tables or rows."""

from __future__ import annotations

import gc
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import attrgetter
from typing import TypeAlias

from events.catalogue import names
from events.entry import key
from streams.history.aliases import Names
from streams.history.decoding import Item, Unreadable, decode
from streams.history.refold import type_of
from streams.history.version import subscription
from streams.ports import Log
from streams.processes import uninterrupted, workers
from streams.project.ahead import ahead
from streams.project.folding import Folding
from streams.project.model_state import Plan
from streams.project.share import WHOLE, Share
from streams.read_ports import Held, Open, Parts, Table, Unstorable

Progress: TypeAlias = Callable[[int, int], None]
"""Told of the position that has been reached, and of the one to reach."""

FOLD_BYTES = 192 * 1024 * 1024
"""What the rows of one process may take before they are written."""
LOOK = 4
"""After so many batches it is looked at what the rows take."""
AT_ONCE = 20_000
"""So many rows of a model are written in one transaction."""
SAMPLES = 20
SAMPLE = 200
DECODE_COST = 4
"""What decoding an event costs, in folds of it; measured."""
SMALL = 50_000
"""Up to so many positions one process is as fast as several, which would have to start."""


def silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def fold_all(
    open_: Open,
    tables: Sequence[Table],
    upto: int,
    *,
    processes: int = 1,
    bound: int = FOLD_BYTES,
    progress: Progress = silent,
    finish: bool = False,
) -> dict[str, list[Held]]:
    """Fold the log up to a position into empty tables, and index them if told so; return what is held, by model."""
    with open_() as parts:
        works = divide(parts.log, tables, upto, processes if upto > SMALL else 1)
    first, others = works[0], works[1:]
    alone = first[1].of == 1  # no other process fills its tables
    if not others:
        return fold_share(open_, *first, upto, bound, finish, progress)
    with workers(len(others)) as pool:
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
    held: dict[str, dict[tuple[int, int], Held]] = {}
    for one in found:
        for model, more in one.items():
            held.setdefault(model, {}).update({(each.tag, each.position): each for each in more})
    return {model: list(each.values()) for model, each in held.items()}


def divide(
    log: Log, tables: Sequence[Table], upto: int, processes: int
) -> list[tuple[Sequence[Table], Share]]:
    """Divide the work: by tables where there are enough, so that each event is decoded by few; else by rows."""
    if len(tables) < 2 * processes:
        return [(tables, Share(number, processes)) for number in range(processes)]
    counts = _types_in(log, upto)
    works = [_Work() for _ in range(processes)]
    for table in sorted(tables, key=lambda each: -_folds(each, counts)):
        min(works, key=lambda work: work.with_(table, counts)).add(table, counts)
    return [(work.tables, WHOLE) for work in works]


class _Work:
    """The tables of one process, and what they cost: an event is decoded once, and folded for each."""

    def __init__(self) -> None:
        self.tables: list[Table] = []
        self._types: set[str] = set()
        self._folds = 0

    def with_(self, table: Table, counts: Mapping[str, int]) -> int:
        """Return the cost with one more table."""
        decoded = sum(counts[each] for each in self._types | _types(table))
        return DECODE_COST * decoded + self._folds + _folds(table, counts)

    def add(self, table: Table, counts: Mapping[str, int]) -> None:
        """Take one more table."""
        self.tables.append(table)
        self._types |= _types(table)
        self._folds += _folds(table, counts)


def _types(table: Table) -> set[str]:
    return {names()[each] for each in subscription(table.model)}


def _folds(table: Table, counts: Mapping[str, int]) -> int:
    return sum(counts[each] for each in _types(table))


def _types_in(log: Log, upto: int) -> Counter[str]:
    """Count the types in a few stretches of the log."""
    starts = range(0, upto, max(1, upto // SAMPLES))
    return Counter(type_of(each.entry) for start in starts for each in log.read(start, upto, SAMPLE))


def fold_share(  # noqa: PLR0917 - sent to another process as it stands
    open_: Open,
    tables: Sequence[Table],
    share: Share,
    upto: int,
    bound: int,
    finish: bool,  # noqa: FBT001 - likewise
    progress: Progress,
) -> dict[str, list[Held]]:
    """Fold the rows of one share; return what is held, by model."""
    with open_() as parts, _no_collection():
        bulk = _Bulk(parts, tables, upto, share, bound)
        bulk.run(progress)
        held = bulk.end(finish=finish)
        progress(upto, upto)
        return held


@contextmanager
def _no_collection() -> Iterator[None]:
    """Rows make no cycles: looking for some among millions of them would take most of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Bulk:
    def __init__(self, parts: Parts, tables: Sequence[Table], upto: int, share: Share, bound: int) -> None:
        self._log, self._codec, self._store = parts.log, parts.codec, parts.store
        self._upto, self._bound = upto, bound
        self._plans = [Plan(table, fresh=True) for table in tables]
        self._names = Names.load(parts.log, parts.codec, upto)
        self._gone_ids = {id_ for _, id_ in self._names.retracted}
        self._folding = Folding(
            parts.log, parts.codec, self._plans, self._names, renames=False, mine=share.mine
        )

    def run(self, progress: Progress) -> None:
        """Fold the log; rows are written meanwhile only where memory would not do."""
        types = [key(each) for each in self._folding.types]
        for number, batch in enumerate(ahead(self._log.tail(0, self._upto, types)), 1):
            items = self._true(decode(self._codec, batch))
            with self._store.transaction() as store:
                self._folding.apply(items, store, self._store.tags_at)
            if number % LOOK == 0 and sum(plan.rows.bytes() for plan in self._plans) > self._bound:
                deque(self._flush(), maxlen=0)
            progress(batch[-1].position, self._upto)

    def end(self, *, finish: bool) -> dict[str, list[Held]]:
        """Write the rows that are left, indexing one table while the next is written; return what is held."""
        with ThreadPoolExecutor(1) as thread:
            finishing = [thread.submit(self._store.finish, table) for table in self._flush() if finish]
        for each in finishing:
            each.result()
        with self._store.transaction() as store:
            for plan in self._plans:
                if touched := self._names.touched(plan.model):
                    store.touch(plan.table, touched)
        return {plan.model.name: plan.news for plan in self._plans}

    def _true(self, items: Sequence[Item]) -> Sequence[Item]:
        """Leave out what was taken back."""
        gone, ids = self._names.retracted, self._gone_ids
        return [
            each
            for each in items
            if isinstance(each, Unreadable) or each.id not in ids or (each.source, each.id) not in gone
        ]

    def _flush(self) -> Iterator[Table]:
        """Write all rows, by a copy while the table has none of them; give each table that has them all."""
        partly: list[Table] = []
        for plan in self._plans:
            if plan.fresh:
                self._fill(plan)
            if plan.rows.changed:
                partly.append(plan.table)
            else:
                yield plan.table
        more = bool(partly)
        while more:
            with self._store.transaction() as store:
                more = self._folding.write(store, AT_ONCE)
        yield from partly
        for plan in self._plans:
            plan.rows.clear()

    def _fill(self, plan: Plan) -> None:
        lines, _ = plan.rows.take()
        if not lines:
            return
        plan.fresh = False
        lines.sort(key=attrgetter(*(f"row.{each}" for each in plan.model.key)))
        try:
            self._store.fill(plan.table, lines)
        except Unstorable:
            # Written over what was copied, one by one where need be.
            plan.rows.again(lines)
