"""The entries that made a row: those its receipt proves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from events.entry import Stored
from events.event import Event
from projections.read_model import Key, ReadModel
from streams.history.past import Past
from streams.history.refold import is_merged, keys_as, rows_of
from streams.history.version import renames
from streams.ports import Codec, Log


class _Kept(Past):
    """Histories that keep their entries as stored."""

    def __init__(self, log: Log, codec: Codec) -> None:
        super().__init__(log, codec)
        self.entries: dict[int, Stored] = {}

    def taken(self, stored: Sequence[Stored], wanted: Collection[str]) -> Iterable[Event]:
        """Decode the entries read for these tags, and keep them."""
        self.entries |= {each.position: each for each in stored}
        return super().taken(stored, wanted)


def entries_of(
    log: Log, codec: Codec, model: ReadModel[Any], key: Key, *, whole: bool = False
) -> list[Stored]:
    """Return the entries that a row is folded from, in order of position, and those that rewrote it.

    Those began or ended aliases of its value, or took back what it was folded from before.

    An undecodable entry ends the history, as it does for the row; `whole` is as for `Past.of_row`.
    """
    value, past = str(key[0]), _Kept(log, codec)
    history = past.of_row(model, key, whole=whole)
    if is_merged(value, history.events, model.fold.tag):
        return []
    taken = frozenset(model.fold.events)
    own = [
        each.position
        for each in history.readable()
        if type(each) in taken and key in keys_as(model, value, each)
    ]
    if not own:
        return []
    own += [each.position for each in history.events if renames(model, each)]
    own += [position for event, position in history.taken_back if key in rows_of(model, value, event)]
    return [past.entries[each] for each in sorted(set(own))]
