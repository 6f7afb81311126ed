"""Aliases: which values of a tag are other names of which, as of a position of the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from events.alias import alias_of
from events.catalogue import names
from events.entry import key
from events.event import Event
from events.rewriting import retracted, rewrites
from projections.read_model import ReadModel
from streams.history.components import Components
from streams.history.version import renames
from streams.ports import Codec, Log, Undecodable
from streams.read_ports import Renamed

REWRITING = frozenset(cls for cls in names() if rewrites(cls))
"""The events that begin or end an alias, or retract another event."""


class Aliases:
    """The aliases as of `position`; `advance` applies one more event.

    `retracted` has the identities of the events that were retracted up to the position that was loaded, each with the
    position of its retraction.
    """

    def __init__(self) -> None:
        self.position = 0
        self._components: dict[str, Components] = {}
        self._touched: list[tuple[Event, Collection[str]]] = []
        self.retracted: dict[tuple[str, str], int] = {}
        self._last: dict[tuple[str, str], Renamed] = {}

    @classmethod
    def load(cls, log: Log, codec: Codec, upto: int) -> Aliases:
        """Read the aliases as of a position from the log."""
        found = cls()
        found.forward(log, codec, upto)
        return found

    @classmethod
    def as_of(cls, known: Aliases | None, log: Log, codec: Codec, position: int) -> Aliases:
        """Return the aliases as of a position: the known ones, forwarded, unless they are beyond it."""
        if known is None or known.position > position:
            return cls.load(log, codec, position)
        if known.position < position:
            known.forward(log, codec, position)
        return known

    def forward(self, log: Log, codec: Codec, upto: int) -> None:
        """Apply the log's rewriting events up to a position."""
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
            self.retracted[identity] = event.position
        else:
            self._touched.append((event, self.advance(event)[1]))

    def of(self, kind: str) -> Mapping[str, str]:
        """Return the aliases of a kind, each with the value that it was merged into."""
        found = self._components.get(kind)
        return {} if found is None else found.into

    def root(self, kind: str, value: str) -> str:
        """Return the value that a value stands for: itself, unless it is an alias."""
        found = self._components.get(kind)
        return value if found is None else found.root(value)

    def members(self, kind: str, value: str) -> Collection[str]:
        """Return all values that aliases join with a value, itself included."""
        found = self._components.get(kind)
        return (value,) if found is None else found.members(value)

    def names_of(self, tag: str) -> Iterable[str]:
        """Return all tags that aliases join with a tag, itself included."""
        kind, _, value = tag.partition(":")
        return (f"{kind}:{each}" for each in self.members(kind, value))

    def under_all_names(self, tags: Iterable[str]) -> set[str]:
        """Return tags together with those that they are aliases of."""
        found = set(tags)
        for tag in list(found):
            kind, _, value = tag.partition(":")
            into = self.of(kind)
            while (value := into.get(value, "")) and f"{kind}:{value}" not in found:
                found.add(f"{kind}:{value}")
        return found

    def renamed(self) -> list[Renamed]:
        """Return the last change of each alias."""
        return list(self._last.values())

    def touched(self, model: ReadModel[Any]) -> dict[str, int]:
        """Return the values of a model's tag that aliases joined or parted, each with the position of the last time."""
        kind, found = model.fold.tag, dict[str, int]()
        for event, values in self._touched:
            if renames(model, event):
                found.update(dict.fromkeys((self.root(kind, value) for value in values), event.position))
        return found

    def advance(self, event: Event) -> tuple[str, Collection[str]]:
        """Apply an alias event; return its tag kind and all values whose rows it changes."""
        renamed = renaming(event)
        survivor = getattr(event, _alias(event)[2])
        values = {renamed.value, survivor}
        before = {self.root(renamed.kind, each) for each in values}
        self._components.setdefault(renamed.kind, Components()).take(renamed)
        self.position = event.position
        self._last[renamed.kind, renamed.value] = renamed
        return renamed.kind, values | before | {self.root(renamed.kind, each) for each in values}


def renaming(event: Event) -> Renamed:
    """Return what an alias event changes."""
    kind, name, survivor, ends = _alias(event)
    into = None if ends else getattr(event, survivor)
    return Renamed(kind, getattr(event, name), into, event.position)


def _alias(event: Event) -> tuple[str, str, str, bool]:
    """Return the tag kind of an alias event, the fields of the alias and its survivor, and whether it ends."""
    found = alias_of(type(event))
    if found is None:
        raise TypeError(f"{type(event).__name__} neither begins nor ends an alias")
    kind, name, alias = found
    return kind, name, alias.of, alias.ends
