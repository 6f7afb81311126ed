"""What if: a history with other rule data, with events left out, and with the figures that follow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from events.catalogue import names
from events.contract import tags
from events.entry import Stored, key
from events.event import Event
from streams.history.past import Past
from streams.ports import Codec, Log, Selection

Identity = tuple[str, str]
"""The source and the id of an event."""


class World(Struct):
    """The differences from the log: rule data that replace those published, events left out, events revised.

    `substitutes` has the new rule data by tag, each with the position that it takes, `replaced` the types and
    tags of the old ones. `left_out` are identities; `revised` has events by position, as they would have been.
    Both grow as events are judged again.
    """

    left_out: set[Identity]
    substitutes: Mapping[str, Sequence[Event]] = {}
    replaced: Collection[tuple[type[Event], str]] = ()
    revised: dict[int, Event] = {}

    def has(self, event: Event) -> Event | None:
        """Return an event of the log as it is in this world, None if it is left out."""
        if self.left_out and (event.source, event.id) in self.left_out:
            return None
        if self.replaced and (type(event), _subject(event)) in self.replaced:
            return None
        return self.revised.get(event.position, event)

    def substituted(self, after: int, upto: int) -> list[Event]:
        """Return the new rule data whose positions are in a range, in order."""
        found = (each for some in self.substitutes.values() for each in some)
        return sorted((each for each in found if after < each.position <= upto), key=_position)


def world(log: Log, codec: Codec, left_out: Iterable[Identity], substitutes: Sequence[Event] = ()) -> World:
    """Return the world in which these rule data replace all of the same type and subject.

    They take the position of the first one that they replace; if none was published, they come before everything.
    """
    places: dict[tuple[type[Event], str], int] = {}
    found: dict[str, list[Event]] = {}
    for each in substitutes:
        kind = type(each), _subject(each)
        if kind not in places:
            places[kind] = _first(log, codec, *kind)
        # Without a source, nothing in the log can cite or retract it.
        placed = msgspec.structs.replace(each, position=places[kind], source="")
        found.setdefault(kind[1], []).append(placed)
    ordered = {tag: sorted(some, key=_position) for tag, some in found.items()}
    return World(set(left_out), ordered, frozenset(places))


def _first(log: Log, codec: Codec, cls: type[Event], tag: str) -> int:
    """Return the position of the first event of a class with this subject, 0 if there is none."""
    after = 0
    while some := log.select(Selection(tags=(key(tag),), types=(key(names()[cls]),), after=after)):
        for stored in some:
            if _subject(codec.decode(stored)) == tag:
                return stored.position
        after = some[-1].position
    return 0


def _subject(event: Event) -> str:
    return next(iter(tags(event)), "")


def _position(event: Event) -> int:
    return event.position


class Imagined(Past):
    """Histories in a world, up to a position that may be moved."""

    def __init__(self, log: Log, codec: Codec, world: World, upto: int = 0) -> None:
        super().__init__(log, codec, upto=upto)
        self._world = world

    def query(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, list[Event]]:
        """Return the events that carry the tags, rule data replaced."""
        found = super().query(wanted)
        for tag in self._world.substitutes.keys() & wanted.keys():
            given = [each for each in self._world.substitutes[tag] if type(each) in wanted[tag]]
            placed = [each for each in given if self.upto is None or each.position <= self.upto]
            found[tag] = sorted([*placed, *found[tag]], key=_position)
        return found

    def taken(self, stored: Sequence[Stored], wanted: Collection[str]) -> Iterator[Event]:
        """Decode the entries that this world has."""
        for event in super().taken(stored, wanted):
            if (seen := self._world.has(event)) is not None:
                yield seen
