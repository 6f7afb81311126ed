"""Replay: fold the whole log beside the live rows, and tell of every row that differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from msgspec import Struct

from projections.read_model import Key, ReadModel
from streams.bulk import FOLD_BYTES, Progress, fold_all, silent
from streams.digest import digest
from streams.read_ports import Line, Open, Parts, Table
from streams.refold import Past, refold
from streams.topics import partition_of


class Difference(Struct, frozen=True):
    """A row that is not what its history folds to; None where there is none."""

    model: str
    key: Key
    live: Line | None
    folded: Line | None


class Outdated(Exception):
    """A read model's live table is of another version than this code, or there is none."""

    def __init__(self, model: str) -> None:
        super().__init__(f"outdated: the live table of '{model}' is not of this version; rebuild it first")
        self.model = model


def replay(
    open_: Open,
    models: Sequence[ReadModel[Any]],
    progress: Progress = silent,
    *,
    processes: int = 1,
    bound: int = FOLD_BYTES,
) -> Iterator[Difference]:
    """Give all differing rows of the models; publishing and projecting may go on.

    The log is folded into tables aside, which are then compared as a whole. A row that seems to differ may
    only have moved on meanwhile: it is looked at again beside a fold of its own history. Raises Outdated.
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
                yield from _confirmed(parts, Table(model, live[model.name].table), keys)


def _confirmed(parts: Parts, table: Table, keys: Sequence[Key]) -> Iterator[Difference]:
    """Give those of the rows that differ from a fold of their own history as of the same moment."""
    model = table.model
    now, lines = parts.store.snapshot(table, keys)
    if not now or now[0].table != table.name:
        raise Outdated(model.name)
    for key in keys:
        upto = now[partition_of(key[0], len(now))].position
        folded = refold(model, key[0], Past(parts.log, parts.codec, upto=upto)).lines.get(key)
        line = lines.get(key)
        if not (line.same(folded) if line else folded is None):
            yield Difference(model.name, key, line, folded)
