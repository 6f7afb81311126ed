"""Fold rows of a value again from a history of any length, read in slices; models of one tag share the reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from events.event import Event
from projections.read_model import Key, ReadModel
from streams.history.aliases import Aliases
from streams.history.decoding import BrokenEntry, Decoded, retraction
from streams.history.refold import Refolded, storable
from streams.history.stream import knowledge, streamed
from streams.history.version import renames, subscription
from streams.ports import Codec, Log
from streams.project.row_fold import Poisoned, RowFold
from streams.read_ports import Held


class Part(Struct, frozen=True):
    """Rows of a model to be folded again: those with some keys, or all of the value."""

    model: ReadModel[Any]
    keys: frozenset[Key] | None = None


class Aside:
    """Folds rows of one value as of a position; `folds` are then what later events can be added to."""

    def __init__(self, log: Log, codec: Codec, aliases: Aliases, value: str, parts: Sequence[Part]) -> None:
        kind = parts[0].model.fold.tag
        self._log, self._codec, self._value, self._parts = log, codec, value, parts
        self.tags = [f"{kind}:{each}" for each in aliases.members(kind, value)]
        self.types = tuple(dict.fromkeys(each for part in parts for each in subscription(part.model)))
        self.folds: list[RowFold] = []
        self._joined = 0

    def run(self, upto: int) -> None:
        """Fold the history up to a position. What cannot be folded holds what follows it, as everywhere."""
        known = knowledge(self._log, self._codec, self.tags, self.types, upto)
        gone = {found: each.position for each in known if (found := retraction(each))}
        self._joined = max(
            (each.position for each in known if _renames(self._parts[0].model, each)), default=0
        )
        self.folds = [RowFold(each.model, self._value, each.keys) for each in self._parts]
        self._fold(self.folds, gone, upto)
        for place, fold in enumerate(self.folds):
            if not all(each.row is None or storable(each.row) for each in fold.lines.values()):
                again = [RowFold(fold.model, self._value, None, sound=True)]
                self._fold(again, gone, upto)
                self.folds[place] = again[0]

    def results(self) -> list[Refolded]:
        """Return the rows of each part."""
        return [each.result(self._joined) for each in self.folds]

    def _fold(self, folds: list[RowFold], gone: Mapping[tuple[str, str], int], upto: int) -> None:
        """Fold one reading into several folds; one that meets an event which it cannot fold begins again, to end there."""
        poisoned: dict[int, Held] = {}
        for item in streamed(self._log, self._codec, self.tags, self.types, upto):
            taken_back = gone.get((item.source, item.id))
            for place, fold in enumerate(folds):
                if place in poisoned:
                    continue
                try:
                    if taken_back is None:
                        fold.take(item)
                    elif not isinstance(item, BrokenEntry):
                        fold.count(item, taken_back)
                except Poisoned as error:
                    poisoned[place] = error.held
        if poisoned:
            again = [
                RowFold(folds[place].model, self._value, None, poison=held)
                for place, held in poisoned.items()
            ]
            self._fold(again, gone, upto)
            for place, fold in zip(poisoned, again, strict=True):
                folds[place] = fold


def _renames(model: ReadModel[Any], item: Decoded) -> bool:
    return isinstance(item, Event) and renames(model, item)
