"""Replay: fold the whole log beside the live rows, and report every row that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from msgspec import Struct

from events.event import Event
from events.fold import REMOVED
from projections.read_model import Key, ReadModel
from streams.bus.topics import partition_of
from streams.history.explain import Origin, explained, origin_of
from streams.history.past import DecodedHistory
from streams.history.version import digest
from streams.project.bulk import FOLD_BYTES, OnProgress, fold_all, silent
from streams.read_ports import Line, Open, Parts, Table
from streams.recheck.afresh import Afresh, fold_afresh
from streams.recheck.compare import concerns

ROWS_PER_READ = 200
"""Rows whose histories are read in one query: enough to share its cost, few enough for the memory."""


class Difference(Struct, frozen=True, tag_field="told", tag="row"):
    """A row that differs from the fold of its history; None stands for a missing row.

    `events` are responsible: those missing in the live row if the history once folded to it, else those that set
    the fields which differ.
    """

    model: str
    key: Key
    live: Line | None
    folded: Line | None
    events: Sequence[Origin] = ()


class Outdated(Exception):
    """A read model has no live table of this code's version."""

    def __init__(self, model: str) -> None:
        super().__init__(f"outdated: the live table of '{model}' is not of this version; rebuild it first")
        self.model = model


def replay(
    open_: Open,
    models: Sequence[ReadModel[Any]],
    progress: OnProgress = silent,
    *,
    processes: int = 1,
    bound: int = FOLD_BYTES,
) -> Iterator[Difference]:
    """Yield all differing rows of the models, while publishing and projecting may go on.

    The log is folded into temporary tables, which are then compared with the live ones as a whole. A row that
    seems to differ may only have moved on: it is checked against a fold of its own history. Raises Outdated.
    """
    with open_() as parts, parts.store.alone(), ExitStack() as stack:
        live = parts.store.live()
        for model in models:
            if model.name not in live or live[model.name].digest != digest(model):
                raise Outdated(model.name)
        aside = [parts.store.create(each, digest(each)) for each in models]
        for table in aside:
            stack.callback(parts.store.drop, table)
        upto = max((live[each.name].position for each in models), default=0)
        fold_all(open_, aside, upto, processes=processes, bound=bound, progress=progress)
        for model, table in zip(models, aside, strict=True):
            for keys in parts.store.differing(Table(model, live[model.name].table), table):
                yield from confirmed(parts, Table(model, live[model.name].table), keys)


def confirmed(parts: Parts, table: Table, keys: Sequence[Key]) -> Iterator[Difference]:
    """Yield those of the rows that differ from a fold of their own history as of the same moment."""
    for start in range(0, len(keys), ROWS_PER_READ):
        yield from _confirmed(parts, table, keys[start : start + ROWS_PER_READ])


def _confirmed(parts: Parts, table: Table, keys: Sequence[Key]) -> Iterator[Difference]:
    found = parts.store.snapshot(table, keys)
    now = found.bookmarks
    if not now or now[0].table != table.name:
        raise Outdated(table.model.name)
    parted: dict[int, list[Key]] = {}
    for key in keys:
        if not found.marked(key):
            parted.setdefault(partition_of(key[0], len(now)), []).append(key)
    with parts.store.transaction() as store:
        held = store.held(table.model.name)
    for partition, those in parted.items():
        afresh = fold_afresh(parts, table.model, those, now[partition].position, held)
        yield from _differences(table.model, afresh, found.lines)


def _differences(model: ReadModel[Any], afresh: Afresh, lines: Mapping[Key, Line]) -> Iterator[Difference]:
    for key, (again, history) in afresh.items():
        line = lines.get(key)
        if not (line.same(again) if line else again is None):
            events = _responsible(model, key, history, line)
            yield Difference(model.name, key, _there(line), _there(again), events)


def _there(line: Line | None) -> Line | None:
    """Return a line unless its row was removed."""
    return line if line and line.row is not None else None


def _responsible(
    model: ReadModel[Any], key: Key, history: DecodedHistory, live: Line | None
) -> Sequence[Origin]:
    """Return the events that make a live row differ from its history."""
    value, readable = str(key[0]), history.readable()
    mine = [each for each in readable if concerns(model, value, key, each)]
    found = explained(model, key, history) or {}
    if live and live.row is not None:
        missing = [each for each in mine if each.position > live.position]
        if missing := missing or mine[_folded_to(model, key, mine, live) :]:
            return [origin_of(each) for each in missing]
        found = {name: each for name, each in found.items() if getattr(live.row, name) != each.value}
    set_by = {each.origin for each in found.values() if each.origin}
    return sorted(set_by, key=lambda each: each.position) or [origin_of(each) for each in mine[-1:]]


def _folded_to(model: ReadModel[Any], key: Key, events: Sequence[Event], live: Line) -> int:
    """Return the number of events after which the history last folded to the live row; all if it never did."""
    row, found = None, len(events)
    for count, event in enumerate(events, 1):
        if type(event) in model.fold.events:
            row = model.row(*key) if row is None else row
            try:
                row = None if model.fold.evolve(row, event) is REMOVED else row
            except Exception:  # noqa: BLE001 - it is held, and ends the fold
                break
        if row == live.row:
            found = count
    return found
