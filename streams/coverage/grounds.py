"""State in the log itself which events have lost their ground, and which have regained it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from domain.catalogue import RULES
from events.alias import alias_of
from events.audit import EventRetracted, GroundLost, GroundRegained
from events.catalogue import names
from events.contract import tags
from events.entry import key
from events.event import Event, Statement
from events.order import moment
from events.rewriting import retracted, rewrites
from streams.coverage.statements import SOURCE, NotStated
from streams.ground.judging_plan import JudgingPlan
from streams.ground.readers import Readers
from streams.ground.shaken import Shaken, Worlds
from streams.ground.world_states import reads
from streams.ground.worlds import Identity, Types, World, identity
from streams.history.decoding import BrokenEntry, decode
from streams.history.histories import Query
from streams.history.kept_query import KeptQuery, cut
from streams.history.past import Past, Since
from streams.ports import Codec, Log, Mark
from streams.publish.publisher import Publisher
from streams.publish.request import IdentityConflict, Refusal, Request

MARK = "ground"
"""The mark up to which events have been looked at; it moves with what is stated of them."""
BATCH = 500
"""Events looked at together: most of them need one query for all."""
DAY = 86_400_000_000
"""Microseconds of a day: what followed an event is looked for from the day on which it occurred."""
TOGETHER = 2_000
"""Statements appended together."""


def readers() -> Readers:
    """Return which classes of events are judged on which others, by the rules of this release."""
    folds = tuple(dict.fromkeys(each.fold for rule in RULES for each in rule.readings))
    return Readers({cls: JudgingPlan(cls, RULES, (), folds) for cls in names()})


class Grounds:
    """Looks at each event of the log in turn, and states which others it has shaken. Used by one thread.

    What is known at an event's position decides, whatever has come since; so a crash, or another process that does the
    same, changes nothing: a statement made again has the same identity and content.
    """

    def __init__(self, log: Log, codec: Codec, publisher: Publisher) -> None:
        self._log, self._codec, self._publisher = log, codec, publisher
        self._readers = readers()
        self._lost: dict[Identity, Event] = {}
        self._judged: dict[str, set[type[Event]]] | None = None
        """By tag, under all names, the classes of events that have lost their ground; None if to be found anew."""
        self._position = -1
        self._query: Query = Past(log, codec, upto=0).query
        """Histories as of the end of the part that is being looked at."""

    def step(self) -> bool:
        """Look at the next events; report whether there were any. Raises Overtaken if another process has done it."""
        mark = self._log.marks([MARK]).get(MARK, Mark(MARK))
        if mark.position != self._position:
            self._lost, self._position = lost(self._log, self._codec, mark.position), mark.position
            self._judged = None
        batch = self._log.read(mark.position, limit=BATCH)
        if not batch:
            return False
        self._position = -1  # until all of it is durable, what is in memory is ahead of the log
        events = [each for each in decode(self._codec, batch) if not isinstance(each, BrokenEntry)]
        stated = [each for some in _parts(events) for each in self._statements(some)]
        self._append(stated, replace(mark, position=batch[-1].position))
        self._position = batch[-1].position
        return True

    def _statements(self, events: Sequence[Event]) -> Iterator[Event]:
        self._query = KeptQuery(Past(self._log, self._codec, upto=events[-1].position).query)
        following = self._following(events)
        self._read_together(
            [each for each in events if each.position in following and not rewrites(type(each))]
        )
        for event in events:
            if self._lost.pop(retracted(event) or ("", ""), None):
                self._judged = None
            if rewrites(type(event)) or event.position in following or self._concerns_lost(event):
                for each in self._shaken(event):
                    yield _statement(event, each)

    def _concerns_lost(self, event: Event) -> bool:
        """Report whether an event that has lost its ground, under any name, is judged on such an event as this."""
        if self._judged is None:
            self._judged = self._judged_by_tag(event.position)
        for tag in tags(event) if self._judged else ():
            if classes := self._judged.get(tag):
                readers_ = self._readers.any_time(tag.partition(":")[0], type(event))
                if not classes.isdisjoint(readers_):
                    return True
        return False

    def _judged_by_tag(self, upto: int) -> dict[str, set[type[Event]]]:
        found: dict[str, set[type[Event]]] = {}
        world = self._world(upto)
        for event in self._lost.values():
            for name in world.names(tags(event)):
                found.setdefault(name, set()).add(type(event))
        return found

    def _read_together(self, events: Sequence[Event]) -> None:
        """Read, with a few queries for all, what it takes to tell what events of a part have shaken."""
        if events:
            world = self._world(events[-1].position)
            found = Worlds(self._readers, world, world).candidates(events)
            wanted = reads(found, self._readers.plans)
            world.read({tag: tuple(types) for tag, types in wanted.items()})
            world.names(tag for each in events for tag in tags(each))

    def _following(self, events: Sequence[Event]) -> set[int]:
        """Return the positions of the events that came after others which rest on them, as far as types tell."""
        wanted: dict[str, Types] = {}
        since: dict[str, int] = {}
        for event in events:
            day = event.occurred_at - event.occurred_at % DAY
            for tag in tags(event):
                types = self._readers.then(tag.partition(":")[0], type(event))
                if types:
                    wanted[tag] = tuple(dict.fromkeys((*wanted.get(tag, ()), *types)))
                    since[tag] = min(day, since.get(tag, day))
        if not wanted:
            return set()
        later = Since(self._log, self._codec, since=since, upto=events[-1].position)
        found = World(later.query).read(wanted)
        return {each.position for each in events if self._is_followed(each, found)}

    def _is_followed(self, event: Event, histories: Mapping[str, Sequence[Event]]) -> bool:
        for tag in tags(event):
            types = self._readers.then(tag.partition(":")[0], type(event))
            for each in histories.get(tag, ()):
                if type(each) in types and moment(event) < moment(each) and each.position < event.position:
                    return True
        return False

    def _shaken(self, event: Event) -> list[Shaken]:
        """Return what an event has shaken; note it as lost or regained."""
        query = cut(self._query, event.position)
        after = World(query)
        worlds = Worlds(self._readers, World(query, hidden={identity(event)}), after)
        found = {each.position: each for each in worlds.candidates([event])}
        if self._lost:
            shared = after.names(tags(event))
            listed = (each for each in self._lost.values() if not shared.isdisjoint(tags(each)))
            found.update((each.position, each) for each in listed)
        shaken = list(worlds.shaken(found.values(), dict(self._lost)))
        for each in shaken:
            if each.refused:
                self._lost[identity(each.event)] = each.event
            else:
                del self._lost[identity(each.event)]
        if shaken or alias_of(type(event)):
            self._judged = None
        return shaken

    def _world(self, upto: int) -> World:
        return World(cut(self._query, upto))

    def _append(self, stated: Sequence[Event], mark: Mark) -> None:
        """Append statements; the mark moves with the last of them."""
        if not stated:
            self._log.move([mark])
        for start in range(0, len(stated), TOGETHER):
            some = list(stated[start : start + TOGETHER])
            request = Request(some, [self._codec.propose(each) for each in some])
            last = start + TOGETHER >= len(stated)
            self._publisher.settle([request], (lambda: [mark]) if last else None)
            for event, verdict in zip(some, request.verdicts, strict=True):
                if isinstance(verdict, Refusal | IdentityConflict):
                    raise NotStated(f"{names()[type(event)]} {event.id}: {verdict}")


def lost(log: Log, codec: Codec, upto: int) -> dict[Identity, Event]:
    """Return the events that had lost their ground when everything up to a position had been looked at."""
    types = [key(names()[cls]) for cls in (GroundLost, GroundRegained, EventRetracted)]
    found: dict[Identity, bool] = {}
    for batch in log.tail(0, log.head(), types):
        for event in decode(codec, batch):
            if isinstance(event, GroundLost | GroundRegained) and event.cause_at <= upto:
                found[_split(event.event)] = isinstance(event, GroundLost)
            elif isinstance(event, EventRetracted) and event.position <= upto:
                found.pop(_split(event.event), None)
    stored = log.find([name for name, is_lost in found.items() if is_lost])
    return {name: codec.decode(each) for name, each in stored.items()}


def _statement(cause: Event, shaken: Shaken) -> Event:
    event, refused = shaken.event, shaken.refused
    about: dict[str, Any] = {
        "event": _name(event),
        "event_type": names()[type(event)],
        "at": event.position,
        "cause": _name(cause),
        "cause_at": cause.position,
        "carries": list(tags(event)),
        "source": SOURCE,
        "occurred_at": cause.recorded_at,
    }
    number = f"{cause.position}/{event.position}"
    if refused is None:
        return GroundRegained(id=f"ground-regained/{number}", **about)
    return GroundLost(id=f"ground-lost/{number}", rule=refused.rule, code=refused.code, **about)


def _parts(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield events in parts in which names stay the same: one that changes them is alone. Statements are left out."""
    part: list[Event] = []
    for event in events:
        if isinstance(event, Statement):
            continue
        if alias_of(type(event)):
            if part:
                yield part
            yield [event]
            part = []
        else:
            part.append(event)
    if part:
        yield part


def _name(event: Event) -> str:
    return f"{event.source}#{event.id}"


def _split(name: str) -> Identity:
    source, _, id_ = name.rpartition("#")
    return source, id_
