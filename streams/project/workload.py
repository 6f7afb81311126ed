"""The workload of a rebuild, divided among processes: each gets some of the tables, or a share of all rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from events.catalogue import names
from streams.history.decoding import type_of
from streams.history.version import subscription
from streams.ports import Log
from streams.project.share import WHOLE, Share
from streams.read_ports import Table

SAMPLES = 20
"""Places in the log at which the types of events are counted: enough to see them change over the years."""
SAMPLE = 200
"""Entries counted at each place."""
DECODE_COST = 4
"""The cost of decoding an event, in folds of an event; measured."""


def divide(
    log: Log, tables: Sequence[Table], upto: int, processes: int
) -> list[tuple[Sequence[Table], Share]]:
    """Divide by tables if there are two or more per process, so that few decode the same event; else by rows."""
    if len(tables) < 2 * processes:
        return [(tables, Share(number, processes)) for number in range(processes)]
    counts = _types_in(log, upto)
    loads = [_Workload() for _ in range(processes)]
    for table in sorted(tables, key=lambda each: -_folds(each, counts)):
        min(loads, key=lambda load: load.cost_with(table, counts)).add(table, counts)
    return [(load.tables, WHOLE) for load in loads]


class _Workload:
    """The tables of one process, and their cost: an event is decoded once, and folded for each table."""

    def __init__(self) -> None:
        self.tables: list[Table] = []
        self._types: set[str] = set()
        self._folds = 0

    def cost_with(self, table: Table, counts: Mapping[str, int]) -> int:
        """Return the cost with one more table."""
        decoded = sum(counts[each] for each in self._types | _types(table))
        return DECODE_COST * decoded + self._folds + _folds(table, counts)

    def add(self, table: Table, counts: Mapping[str, int]) -> None:
        """Add a table."""
        self.tables.append(table)
        self._types |= _types(table)
        self._folds += _folds(table, counts)


def _types(table: Table) -> set[str]:
    return {names()[each] for each in subscription(table.model)}


def _folds(table: Table, counts: Mapping[str, int]) -> int:
    return sum(counts[each] for each in _types(table))


def _types_in(log: Log, upto: int) -> Counter[str]:
    """Count the types of a sample of entries."""
    starts = range(0, upto, max(1, upto // SAMPLES))
    return Counter(type_of(each.entry) for start in starts for each in log.read(start, upto, SAMPLE))
