"""The shadow check: walks all live rows, round after round, and compares each with a fold of its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from events.entry import key as index_key
from events.event import Event
from projections.read_model import Key, ReadModel
from streams.history.decoding import BrokenEntry, decode
from streams.history.version import digest
from streams.read_ports import Bookmark, Parts, ShadowPlace, Table, Walked
from streams.recheck.replay import Outdated, confirmed

STEP = 20
"""Rows, or entries of the log, checked in one step: a few milliseconds of work between two rests."""
MOST_DIFFERING = 1000
"""Differing rows remembered and checked again; with more, the read model needs a rebuild anyway."""

_log = structlog.get_logger(__name__)


class Shadow:
    """Checks a few rows with each step, and resumes where the last step ended, in whatever process.

    The rows of all tables are walked first; then the log, for rows that should exist and do not. If a step raises,
    the next one resumes at the same place. Used by one thread.
    """

    def __init__(self, parts: Parts, models: Sequence[ReadModel[Any]], clock: Callable[[], int]) -> None:
        self._parts, self._models, self._clock = parts, {each.name: each for each in models}, clock
        known = parts.store.walked() or Walked(0, 0, None)
        self._done, self._total, self._place = known.done, known.total, known.place
        self._differing = dict.fromkeys(known.differing)

    def step(self) -> Walked:
        """Check the rows known to differ and some more; return, and save, how far the round has come."""
        live = self._live()
        for model in dict.fromkeys(name for name, _ in self._differing):
            self._check(live, model, [key for name, key in self._differing if name == model])
        self._place = self._advance(self._place or self._begin(live), live)
        ended = None if self._place else self._clock()
        walked = Walked(self._done, self._total, ended, tuple(self._differing), self._place)
        self._parts.store.note(walked)
        return walked

    def _live(self) -> Mapping[str, Bookmark]:
        """Return the live tables of this version; a model that is being rebuilt is skipped."""
        live = self._parts.store.live()
        return {
            name: live[name]
            for name, model in self._models.items()
            if name in live and live[name].digest == digest(model)
        }

    def _begin(self, live: Mapping[str, Bookmark]) -> ShadowPlace:
        upto, self._done = self._parts.log.head(), 0
        tables = [Table(self._models[name], each.table) for name, each in live.items()]
        self._total = upto + sum(map(self._parts.store.count, tables))
        return ShadowPlace(upto, next(iter(self._models), None))

    def _advance(self, place: ShadowPlace, live: Mapping[str, Bookmark]) -> ShadowPlace | None:
        """Check the next rows; return where to resume, None if the round is over."""
        while place.model is not None:
            keys = self._rows_after(place, live)
            if keys:
                self._check(live, place.model, keys)
                self._done += len(keys)
                return msgspec.structs.replace(place, after=keys[-1])
            place = ShadowPlace(place.upto, self._model_after(place.model))
        return self._follow(place, live)

    def _rows_after(self, place: ShadowPlace, live: Mapping[str, Bookmark]) -> Sequence[Key]:
        if place.model is None or place.model not in live:
            return ()
        table = Table(self._models[place.model], live[place.model].table)
        return self._parts.store.keys(table, place.after, STEP)

    def _model_after(self, name: str) -> str | None:
        """Return the model to walk after this one, None for the log; unknown models are followed by the log."""
        order = [*self._models, None]
        return order[order.index(name) + 1] if name in order else None

    def _follow(self, place: ShadowPlace, live: Mapping[str, Bookmark]) -> ShadowPlace | None:
        """Check the rows that the next entries of the log change and that do not exist."""
        batch = self._parts.log.read(place.position, place.upto, STEP)
        named: dict[str, dict[Key, None]] = {}
        for item in decode(self._parts.codec, batch):
            for name in () if isinstance(item, BrokenEntry) else live:
                if isinstance(item, self._models[name].fold.events):
                    named.setdefault(name, {}).update(dict.fromkeys(_keys(self._models[name], item)))
        for name, keys in named.items():
            table = Table(self._models[name], live[name].table)
            lines = self._parts.store.snapshot(table, list(keys)).lines
            self._check(live, name, [key for key in keys if key not in lines])
        self._done += len(batch)
        return msgspec.structs.replace(place, position=batch[-1].position) if batch else None

    def _check(self, live: Mapping[str, Bookmark], name: str, keys: Sequence[Key]) -> None:
        if name not in live:
            for key in keys:
                self._differing.pop((name, key), None)
            return
        model = self._models[name]
        try:
            found = {each.key for each in confirmed(self._parts, Table(model, live[name].table), keys)}
        except Outdated:
            return  # swapped in the meantime: the next round walks the new table
        for key in keys:
            if key not in found:
                self._differing.pop((name, key), None)
            elif (name, key) not in self._differing and len(self._differing) < MOST_DIFFERING:
                self._differing[name, key] = None
                _log.error("row-differs", model=name, tag=index_key(f"{model.fold.tag}:{key[0]}"))


def _keys(model: ReadModel[Any], event: Event) -> Sequence[Key]:
    try:
        return model.keys(event)
    except Exception:  # noqa: BLE001 - which rows it would change cannot be known: it is held, and reported there
        return ()
