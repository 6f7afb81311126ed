"""Rebuild: fold the log into a new table beside the live one, and swap it in without downtime."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import structlog

from events.entry import key
from projections.read_model import ReadModel
from streams.history.aliases import Aliases
from streams.history.decoding import Decoded, decode
from streams.history.version import digest
from streams.project.bulk import FOLD_BYTES, HeldByModel, OnProgress, fold_all, silent
from streams.project.folding import Folding
from streams.project.model_state import ModelState, first_held
from streams.read_ports import Open, Parts, ReadStore, ReadTransaction, Table

NEAR = 100
"""Positions left to catch up with when the bookmarks are locked: a small part of a second for those kept waiting."""
ROUNDS = 20
"""Rounds of catching up, each over what came during the one before; more would bring it no nearer."""
GRACE_SECONDS = 60.0
"""How long a retired table is kept for queries that still read it."""

_log = structlog.get_logger(__name__)


def outdated(store: ReadStore, models: Sequence[ReadModel[Any]]) -> list[ReadModel[Any]]:
    """Return the models that have no live table, or one of another version."""
    live = store.live()
    return [each for each in models if each.name not in live or live[each.name].digest != digest(each)]


class Rebuild:
    """Rebuilds read models: one rebuild at a time over all processes. Queries and publishing go on."""

    def __init__(
        self,
        open_: Open,
        *,
        processes: int = 1,
        bound: int = FOLD_BYTES,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._open, self._processes, self._bound, self._grace = open_, processes, bound, grace_seconds

    def bring_up(self, models: Sequence[ReadModel[Any]], progress: OnProgress = silent) -> list[str]:
        """Rebuild the models that have no live table of this version; return their names."""
        with self._open() as parts, parts.store.alone():
            parts.store.sweep(self._grace)
            wanted = outdated(parts.store, models)
            self._rebuild(parts, wanted, progress)
        return [each.name for each in wanted]

    def run(self, models: Sequence[ReadModel[Any]], progress: OnProgress = silent) -> None:
        """Rebuild models, whatever their version."""
        with self._open() as parts, parts.store.alone():
            parts.store.sweep(self._grace)
            self._rebuild(parts, models, progress)

    def sweep(self) -> int:
        """Drop retired tables that no query can be reading any more; return how many."""
        with self._open() as parts, parts.store.alone():
            return parts.store.sweep(self._grace)

    def _rebuild(self, parts: Parts, models: Sequence[ReadModel[Any]], progress: OnProgress) -> None:
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
    """Follows the log from the end of bulk folding until the new tables can be swapped in."""

    def __init__(self, parts: Parts, tables: Sequence[Table], position: int, held: HeldByModel) -> None:
        self._log, self._codec, self._store = parts.log, parts.codec, parts.store
        self._aliases = Aliases.load(parts.log, parts.codec, position)
        self._states = [ModelState(table, position) for table in tables]
        self._position = position
        self._held = {name: list(each) for name, each in held.items()}
        for state in self._states:
            state.load_held(first_held(held.get(state.model.name, ())))
        self._folding = Folding(self._log, self._codec, self._states, self._aliases)

    def run(self) -> int:
        """Catch up and swap; return the position of the new tables."""
        for _ in range(ROUNDS):
            head = self._log.head()
            if head - self._position <= NEAR:
                break
            self._advance(head, None)
        with self._store.transaction() as store:
            store.lock()
            self._advance(self._log.head(), store)
            self._swap(store)
        return self._position

    def _swap(self, store: ReadTransaction) -> None:
        for state in self._states:
            store.swap(state.table, digest(state.model), self._position)
            if held := self._held.get(state.model.name):
                store.hold(state.model.name, held)
        if renamed := self._aliases.renamed():
            store.rename(renamed)
        store.announce(self._position)

    def _advance(self, head: int, within: ReadTransaction | None) -> None:
        types = [key(each) for each in self._folding.types]
        for batch in self._log.tail(self._position, head, types):
            items = decode(self._codec, batch)
            with nullcontext(within) if within else self._store.transaction() as store:
                self._apply(items, store)
        self._position = head
        for state in self._states:
            state.position = head
            state.rows.rotate()

    def _apply(self, items: Sequence[Decoded], store: ReadTransaction) -> None:
        self._folding.apply(items, store, self._store.tags_at)
        while self._folding.write(store):
            pass
        for state in self._states:
            released, held = state.take_changes()
            kept = [each for each in self._held.get(state.model.name, ()) if each.tag not in released]
            self._held[state.model.name] = kept + held
