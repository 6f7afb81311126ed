"""Rebuild: a new table beside the live one, folded from the log, and swapped in while nobody notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import structlog

from events.entry import key
from projections.read_model import ReadModel
from streams.history.aliases import Names
from streams.history.decoding import Item, decode
from streams.history.version import digest
from streams.project.bulk import FOLD_BYTES, Progress, fold_all, silent
from streams.project.folding import Folding
from streams.project.model_state import Plan
from streams.read_ports import Held, Open, Parts, ReadStore, ReadTransaction, Table

NEAR = 100
"""So few positions are caught up with while the bookmarks are locked."""
ROUNDS = 20
"""After so many rounds, each over what came during the one before, it is as near as it gets."""
GRACE_SECONDS = 60.0
"""A table that was live is kept so long for those who still read it."""

_log = structlog.get_logger(__name__)


def outdated(store: ReadStore, models: Sequence[ReadModel[Any]]) -> list[ReadModel[Any]]:
    """Return the models that have no live table, or one of another version."""
    live = store.live()
    return [each for each in models if each.name not in live or live[each.name].digest != digest(each)]


class Rebuild:
    """Rebuilds read models, one rebuild at a time in all processes. Queries and publishing go on."""

    def __init__(
        self,
        open_: Open,
        *,
        processes: int = 1,
        bound: int = FOLD_BYTES,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._open, self._processes, self._bound, self._grace = open_, processes, bound, grace_seconds

    def bring_up(self, models: Sequence[ReadModel[Any]], progress: Progress = silent) -> list[str]:
        """Rebuild the models that have no live table of this version; return their names."""
        with self._open() as parts, parts.store.alone():
            parts.store.sweep(self._grace)
            wanted = outdated(parts.store, models)
            self._rebuild(parts, wanted, progress)
        return [each.name for each in wanted]

    def run(self, models: Sequence[ReadModel[Any]], progress: Progress = silent) -> None:
        """Rebuild these models, whatever their version."""
        with self._open() as parts, parts.store.alone():
            parts.store.sweep(self._grace)
            self._rebuild(parts, models, progress)

    def sweep(self) -> int:
        """Drop the tables that were live and that no reader can be at any more; return how many."""
        with self._open() as parts, parts.store.alone():
            return parts.store.sweep(self._grace)

    def _rebuild(self, parts: Parts, models: Sequence[ReadModel[Any]], progress: Progress) -> None:
        if not models:
            return
        tables = [parts.store.create(each, digest(each)) for each in models]
        try:
            upto = parts.log.head()
            held = fold_all(
                self._open,
                tables,
                upto,
                processes=self._processes,
                bound=self._bound,
                progress=progress,
                finish=True,
            )
            position = _CatchUp(parts, tables, upto, held).run()
        except BaseException:
            for table in tables:
                parts.store.drop(table)
            raise
        _log.info("rebuilt", models=len(models), position=position)


class _CatchUp:
    """Follows the log from where the bulk has ended until the new tables can be swapped in."""

    def __init__(
        self, parts: Parts, tables: Sequence[Table], position: int, held: Mapping[str, list[Held]]
    ) -> None:
        self._log, self._codec, self._store = parts.log, parts.codec, parts.store
        self._names = Names.load(parts.log, parts.codec, position)
        self._plans = [Plan(table, position) for table in tables]
        self._position = position
        self._held = {name: list(each) for name, each in held.items()}
        for plan in self._plans:
            plan.agreed = True
            for each in held.get(plan.model.name, ()):
                plan.held[each.tag] = plan.held.get(each.tag, 0) + 1
        self._folding = Folding(self._log, self._codec, self._plans, self._names)

    def run(self) -> int:
        for _ in range(ROUNDS):
            head = self._log.head()
            if head - self._position <= NEAR:
                break
            self._advance(head, None)
        with self._store.transaction() as store:
            store.lock()
            self._advance(self._log.head(), store)
            for plan in self._plans:
                store.swap(plan.table, digest(plan.model), self._position)
                if held := self._held.get(plan.model.name):
                    store.hold(plan.model.name, held)
            if renamed := self._names.renamed():
                store.rename(renamed)
            store.announce(self._position)
        return self._position

    def _advance(self, head: int, within: ReadTransaction | None) -> None:
        types = [key(each) for each in self._folding.types]
        for batch in self._log.tail(self._position, head, types):
            items = decode(self._codec, batch)
            while items:
                with nullcontext(within) if within else self._store.transaction() as store:
                    items = items[self._apply(items, store) :]
        self._position = head
        for plan in self._plans:
            plan.position = head
            plan.rows.rotate()

    def _apply(self, items: Sequence[Item], store: ReadTransaction) -> int:
        taken = self._folding.apply(items, store, self._store.tags_at)
        while self._folding.write(store):
            pass
        for plan in self._plans:
            released = set(plan.released)
            kept = [each for each in self._held.get(plan.model.name, ()) if each.tag not in released]
            self._held[plan.model.name] = kept + plan.news
            plan.released, plan.news = [], []
        return taken
