"""Which values of a tag are other names of which, as of a position of the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from events.alias import alias_of
from events.catalogue import names
from events.entry import key
from events.event import Event
from events.rewriting import retracted, rewrites
from projections.read_model import ReadModel, tag_values
from streams.history.version import rewrites_rows
from streams.ports import Codec, Log, Undecodable

REWRITING = frozenset(cls for cls in names() if rewrites(cls))
"""The events that begin or end an alias, or take another event back."""


class Renamed(Struct, frozen=True):
    """An alias has begun: `value` is another name of `into`; or it has ended, and `into` is None."""

    kind: str
    value: str
    into: str | None
    position: int


class Names:
    """The aliases as of `position`; `advance` lets one more event happen to them.

    `retracted` are the identities of what was taken back up to the position that was loaded.
    """

    def __init__(self) -> None:
        self.position = 0
        self._into: dict[str, dict[str, str]] = {}
        self._touched: list[tuple[Event, Collection[str]]] = []
        self.retracted: set[tuple[str, str]] = set()
        self._last: dict[tuple[str, str], Renamed] = {}

    @classmethod
    def load(cls, log: Log, codec: Codec, upto: int) -> Names:
        """Read the aliases as of a position from the log."""
        found = cls()
        found.forward(log, codec, upto)
        return found

    def forward(self, log: Log, codec: Codec, upto: int) -> None:
        """Let happen what the log has of rewriting events up to a position."""
        wire = names()
        for batch in log.tail(self.position, upto, [key(wire[each]) for each in REWRITING]):
            for stored in batch:
                try:
                    self._load(codec.decode(stored))
                except Undecodable:
                    continue  # its tags are held wherever they are folded
        self.position = upto

    def _load(self, event: Event) -> None:
        if (identity := retracted(event)) is not None:
            self.retracted.add(identity)
            self._touched.append((event, ()))
        else:
            self._touched.append((event, self.advance(event)[1]))

    def of(self, kind: str) -> Mapping[str, str]:
        """Return the other names of a kind, each with the value that it was merged into."""
        return self._into.get(kind, {})

    def root(self, kind: str, value: str) -> str:
        """Return the value that goes by this name in the end."""
        into, seen = self.of(kind), {value}
        while (further := into.get(value)) is not None and further not in seen:
            seen.add(further)
            value = further
        return value

    def renamed(self) -> list[Renamed]:
        """Return what was last said of each name."""
        return list(self._last.values())

    def touched(self, model: ReadModel[Any]) -> dict[str, int]:
        """Return the values of a model's tag whose rows rewriting events have changed, each with the last position."""
        kind, found = model.fold.tag, dict[str, int]()
        for event, values in self._touched:
            if rewrites_rows(model, event):
                roots = (self.root(kind, value) for value in values or tag_values(event, kind))
                found.update(dict.fromkeys(roots, event.position))
        return found

    def advance(self, event: Event) -> tuple[str, Collection[str]]:
        """Let an alias event happen; return its tag kind and all values whose rows it changes."""
        renamed = renaming(event)
        survivor = getattr(event, _mark(event)[2])
        values = {renamed.value, survivor}
        before = {self.root(renamed.kind, each) for each in values}
        into = self._into.setdefault(renamed.kind, {})
        if renamed.into is None:
            into.pop(renamed.value, None)
        else:
            into[renamed.value] = renamed.into
        self.position = event.position
        self._last[renamed.kind, renamed.value] = renamed
        return renamed.kind, values | before | {self.root(renamed.kind, each) for each in values}


def renaming(event: Event) -> Renamed:
    """Return what an alias event says."""
    kind, name, survivor, ends = _mark(event)
    into = None if ends else getattr(event, survivor)
    return Renamed(kind, getattr(event, name), into, event.position)


def _mark(event: Event) -> tuple[str, str, str, bool]:
    found = alias_of(type(event))
    if found is None:
        raise TypeError(f"{type(event).__name__} neither begins nor ends an alias")
    kind, name, alias = found
    return kind, name, alias.of, alias.ends
