"""Which values of a tag are other names of which, as of a position of the log."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from events.alias import alias_of
from events.catalogue import names
from events.entry import Stored, key
from events.event import Event
from streams.ports import Codec, Log, Undecodable

ALIASES = frozenset(cls for cls in names() if alias_of(cls))
"""The events that begin or end an alias."""


class Renamed(Struct, frozen=True):
    """An alias has begun: `value` is another name of `into`; or it has ended, and `into` is None."""

    kind: str
    value: str
    into: str | None
    position: int


class Names:
    """The aliases as of `position`; `advance` lets one more event happen to them."""

    def __init__(self) -> None:
        self.position = 0
        self._into: dict[str, dict[str, str]] = {}
        self._touched: list[tuple[str, Collection[str], int]] = []
        self._last: dict[tuple[str, str], Renamed] = {}

    @classmethod
    def load(cls, log: Log, codec: Codec, upto: int) -> Names:
        """Read the aliases as of a position from the log."""
        found = cls()
        found.forward(log, codec, upto)
        return found

    def forward(self, log: Log, codec: Codec, upto: int) -> None:
        """Let happen what the log has of aliases up to a position."""
        for stored in alias_events(log, self.position, upto):
            try:
                kind, values = self.advance(codec.decode(stored))
            except Undecodable:
                continue  # its tags are held wherever they are folded
            self._touched.append((kind, values, stored.position))
        self.position = upto

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

    def touched(self, kind: str) -> dict[str, int]:
        """Return the values of a kind whose rows alias events have changed, each with the last position."""
        found: dict[str, int] = {}
        for each, values, position in self._touched:
            if each == kind:
                found.update(dict.fromkeys((self.root(kind, value) for value in values), position))
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


def alias_events(log: Log, after: int, upto: int) -> Iterator[Stored]:
    """Give the entries of after < position <= upto that begin or end an alias; they are few."""
    wire = names()
    types = [key(wire[each]) for each in ALIASES]
    for batch in log.tail(after, upto, types) if types else ():
        yield from batch


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
