"""The entries that made a row: those its receipt proves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from events.entry import Stored
from events.event import Event
from projections.read_model import Key, ReadModel
from streams.history.past import Past
from streams.history.refold import is_merged, keys_as
from streams.history.version import subscription
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


def entries_of(log: Log, codec: Codec, model: ReadModel[Any], key: Key) -> list[Stored]:
    """Return the entries that a row is folded from, in order, including those that began or ended its aliases.

    An undecodable entry ends the history, as it does for the row.
    """
    value, past = str(key[0]), _Kept(log, codec)
    tag = f"{model.fold.tag}:{value}"
    history = past.apart({tag: subscription(model)})[tag]
    if is_merged(value, history.events, model.fold.tag):
        return []
    taken = frozenset(model.fold.events)
    own = [
        each for each in history.readable() if type(each) not in taken or key in keys_as(model, value, each)
    ]
    made = any(type(each) in taken for each in own)
    return [past.entries[each] for each in sorted(each.position for each in own)] if made else []
