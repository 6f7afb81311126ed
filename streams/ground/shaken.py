"""Which events of the log hold in one world and not in another, because something was added, taken back or joined."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from msgspec import Struct

from domain.rule import Refused
from events.alias import alias_of
from events.catalogue import by_name
from events.contract import citations, tags, whole_tags
from events.event import Event
from events.order import Moment, moment
from events.rewriting import retracted
from streams.ground.readers import Readers
from streams.ground.world_states import WorldStates
from streams.ground.worlds import Identity, Types, World, identity

TOGETHER = 200
"""Events whose histories are read with one query for each world: as many as are judged within seconds."""


NOTHING: Mapping[Identity, Event] = MappingProxyType({})


class Shaken(Struct, frozen=True):
    """An event whose ground has changed: why it is refused now, or None if it is admissible again."""

    event: Event
    refused: Refused | None


class Cause(Struct):
    """What may shake others: that an event of a class counts from now on in the histories of its tags.

    With `removed` it no longer counts, or counts again; those that cite it and those that are judged on what was ever
    recorded are shaken then too. Without a class, the tags have become names of one thing, or are so no longer.
    """

    tags: Sequence[str]
    cls: type[Event] | None = None
    at: Moment = (0, 0)
    removed: bool = False


class Worlds:
    """Two worlds, before a change and after it."""

    def __init__(self, readers: Readers, before: World, after: World) -> None:
        self.readers, self.before, self.after = readers, before, after

    def candidates(self, changed: Iterable[Event]) -> list[Event]:
        """Return the events that may hold in one world only because these have come, in order."""
        found = [cause for event in changed for cause in causes(event, self.before)]
        return sorted(self.behind(found), key=moment)

    def behind(self, some: Sequence[Cause]) -> Iterable[Event]:
        """Return the events that causes may shake, found with one reading."""
        wanted: dict[str, Types] = {}
        for cause in some:
            for tag in cause.tags:
                if types := self._types(tag.partition(":")[0], cause):
                    wanted[tag] = tuple(dict.fromkeys((*wanted.get(tag, ()), *types)))
        histories = self.after.read(wanted) if wanted else {}
        return {each.position: each for cause in some for each in self._behind(cause, histories)}.values()

    def _behind(self, cause: Cause, histories: Mapping[str, Sequence[Event]]) -> Iterator[Event]:
        for tag in cause.tags:
            kind = tag.partition(":")[0]
            types, then = self._types(kind, cause), self._then(kind, cause)
            for each in histories.get(tag, ()):
                if type(each) not in types:
                    continue
                if type(each) not in then or cause.at < moment(each) or cause.removed:
                    yield each

    def _then(self, kind: str, cause: Cause) -> Types:
        return self.readers.then(kind, cause.cls) if cause.cls else ()

    def _types(self, kind: str, cause: Cause) -> Types:
        if cause.cls is None:
            return self.readers.of_kind(kind)
        ever = self.readers.ever(kind, cause.cls) if cause.removed else ()
        return tuple(dict.fromkeys((*self._then(kind, cause), *ever)))

    def shaken(
        self,
        candidates: Iterable[Event],
        lost: Mapping[Identity, Event] = NOTHING,
        new: Container[Identity] = (),
    ) -> Iterator[Shaken]:
        """Judge candidates, and what rests on those that are shaken, in order; yield those that are shaken.

        Events that are `lost` already are left out of both worlds, and judged as if they were sent again. Those that
        are `new` are in the world after alone, and must hold there.
        """
        return _Walk(self, candidates, lost, new).run()


class _Walk:
    """One walk over the candidates in the order of what occurred."""

    def __init__(
        self,
        worlds: Worlds,
        candidates: Iterable[Event],
        lost: Mapping[Identity, Event],
        new: Container[Identity],
    ) -> None:
        self._worlds, self._lost, self._new = worlds, lost, new
        plans = worlds.readers.plans
        self._before = WorldStates(worlds.before, plans, lost)
        self._after = WorldStates(worlds.after, plans, lost)
        self._heap: list[tuple[Moment, Event]] = []
        self._seen: set[int] = set()
        self._loaded: set[int] = set()
        self._push(candidates)

    def run(self) -> Iterator[Shaken]:
        while self._heap:
            event = heapq.heappop(self._heap)[1]
            if event.position not in self._loaded:
                self._load([event, *(each for _, each in heapq.nsmallest(TOGETHER - 1, self._heap))])
            found = self._regained(event) if identity(event) in self._lost else self._fallen(event)
            if found:
                yield found
                at = moment(event)
                cause = Cause(tags(event), type(event), at, removed=True)
                self._push(each for each in self._worlds.behind([cause]) if at < moment(each))

    def _fallen(self, event: Event) -> Shaken | None:
        refused = self._after.refusal(event)
        if refused is None or (identity(event) not in self._new and self._before.refusal(event)):
            return None
        self._after.leave_out(event)
        return Shaken(event, refused)

    def _regained(self, event: Event) -> Shaken | None:
        if self._after.refusal(event) and self._after.refusal(event, anew=True):
            return None
        self._after.bring_back(event)
        return Shaken(event, None)

    def _push(self, events: Iterable[Event]) -> None:
        for each in events:
            if each.position not in self._seen:
                self._seen.add(each.position)
                heapq.heappush(self._heap, (moment(each), each))

    def _load(self, events: Sequence[Event]) -> None:
        self._loaded = {each.position for each in events}
        self._before.load(events)
        self._after.load(events)


def causes(event: Event, before: World) -> list[Cause]:
    """Return what an event may shake others by; a retraction does so by the event that it takes back."""
    if alias_of(type(event)):
        return [Cause(tags(event))]
    gone = retracted(event)
    if gone is None:
        return [Cause(tags(event), type(event), moment(event))]
    found = _taken_back(event, gone, before)
    return [Cause(tags(found), type(found), moment(found), removed=True)] if found else []


def _taken_back(event: Event, gone: Identity, before: World) -> Event | None:
    """Return the event that a retraction takes back, None if it was taken back already or cannot be read."""
    stated = {each.identity: each.stated for each in citations(event)}
    cls = by_name().get(stated[gone] or "")
    wanted: dict[str, Types] = dict.fromkeys(whole_tags(event), (cls,)) if cls else {}
    events = chain.from_iterable(before.read(wanted).values())
    return next((each for each in events if identity(each) == gone), None)
