"""The shadow check: walks all live rows, round after round, and folds each afresh beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from msgspec import Struct

from events.entry import key as index_key
from events.event import Event
from projections.read_model import Key, ReadModel
from streams.digest import digest
from streams.folding import Unreadable, decode
from streams.read_ports import Live, Parts, Table, Walked
from streams.replay import Outdated, confirmed

TOGETHER = 100
"""So many rows are checked in one step, or as many entries of the log."""
MOST_DIFFERING = 1000
"""So many rows that differ are kept in mind."""

_log = structlog.get_logger(__name__)


class _Stage(Struct):
    """One part of a round: the rows of a model, or, without one, the rows that the log's events name."""

    model: ReadModel[Any] | None
    after: Key | None = None
    position: int = 0


class Shadow:
    """Checks a few rows with each step; the place is kept in memory only. One thread uses it.

    The rows of all tables are walked first; then the log, for rows that should be there and are not. Whatever a
    step raises, the next one goes on at the same place.
    """

    def __init__(self, parts: Parts, models: Sequence[ReadModel[Any]], clock: Callable[[], int]) -> None:
        self._parts, self._models, self._clock = parts, {each.name: each for each in models}, clock
        self._stages: list[_Stage] = []
        self._done, self._total, self._upto = 0, 0, 0
        known = parts.store.walked()
        self._differing = dict.fromkeys(known.differing if known else ())

    def step(self) -> Walked:
        """Check the rows known to differ and some more; return, and write down, how far the round is."""
        live = self._live()
        if not self._stages:
            self._begin(live)
        for model in {name for name, _ in self._differing}:
            self._check(live, model, [key for name, key in self._differing if name == model])
        while self._stages and not self._advance(self._stages[0], live):
            del self._stages[0]
        ended = None if self._stages else self._clock()
        walked = Walked(self._done, self._total, ended, tuple(self._differing))
        self._parts.store.note(walked)
        return walked

    def _live(self) -> dict[str, Live]:
        """Return the tables of this version; a model that is being rebuilt is passed over."""
        live = self._parts.store.live()
        return {
            name: live[name]
            for name, model in self._models.items()
            if name in live and live[name].digest == digest(model)
        }

    def _begin(self, live: dict[str, Live]) -> None:
        self._upto, self._done = self._parts.log.head(), 0
        tables = [Table(self._models[name], each.table) for name, each in live.items()]
        self._total = self._upto + sum(map(self._parts.store.count, tables))
        self._stages = [*(_Stage(each.model) for each in tables), _Stage(None)]

    def _advance(self, stage: _Stage, live: dict[str, Live]) -> bool:
        """Check the next rows of a stage; tell whether there were any."""
        if stage.model is None:
            return self._follow(stage, live)
        name = stage.model.name
        if name not in live:
            return False
        keys = self._parts.store.keys(Table(stage.model, live[name].table), stage.after, TOGETHER)
        if keys:
            self._check(live, name, keys)
            stage.after = keys[-1]
            self._done += len(keys)
        return bool(keys)

    def _follow(self, stage: _Stage, live: dict[str, Live]) -> bool:
        """Check the rows that some entries of the log name, those that are not there."""
        batch = self._parts.log.read(stage.position, self._upto, TOGETHER)
        named: dict[str, dict[Key, None]] = {}
        for item in decode(self._parts.codec, batch):
            for name in () if isinstance(item, Unreadable) else live:
                if isinstance(item, self._models[name].fold.events):
                    named.setdefault(name, {}).update(dict.fromkeys(_keys(self._models[name], item)))
        for name, keys in named.items():
            table = Table(self._models[name], live[name].table)
            _, lines = self._parts.store.snapshot(table, list(keys))
            self._check(live, name, [key for key in keys if key not in lines])
        if batch:
            stage.position = batch[-1].position
            self._done += len(batch)
        return bool(batch)

    def _check(self, live: dict[str, Live], name: str, keys: Sequence[Key]) -> None:
        if name not in live:
            for key in keys:
                self._differing.pop((name, key), None)
            return
        model = self._models[name]
        try:
            found = {each.key for each in confirmed(self._parts, Table(model, live[name].table), keys)}
        except Outdated:
            return  # swapped meanwhile: the next round walks the new table
        for key in keys:
            if key not in found:
                self._differing.pop((name, key), None)
            elif (name, key) not in self._differing and len(self._differing) < MOST_DIFFERING:
                self._differing[name, key] = None
                _log.error("row-differs", model=name, tag=index_key(f"{model.fold.tag}:{key[0]}"))


def _keys(model: ReadModel[Any], event: Event) -> Sequence[Key]:
    try:
        return model.keys(event)
    except Exception:  # noqa: BLE001 - which rows it would change cannot be told: it is held, and counted there
        return ()
