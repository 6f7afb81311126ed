"""Fitting in: a late step is admitted only if the events that follow it still hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from domain.rule import Refused
from events.alias import alias_of
from events.catalogue import names
from events.clock import day
from events.contract import tags
from events.entry import key
from events.event import Event
from events.rewriting import rewriting_types
from streams.ground.merging import Both, Merging
from streams.ground.readers import Readers
from streams.ground.shaken import Worlds
from streams.ground.world_states import reads
from streams.ground.worlds import Types, World, identity
from streams.publish.pending_histories import PendingHistories

MOST_BEHIND = 100
"""Events that may follow a late step: judging each of them takes some milliseconds, while the other requests wait."""

FITS_IN = "log.fits_in"
"""The identity of the rule that what follows a late event still holds; publishers read it."""

ONE_OF_EACH = "log.one_of_each"
"""The identity of the rule that two numbers are merged only if both have nothing that one may have only once."""


class FittingIn:
    """Judges what follows late steps. `reads` has what was read for it, as the append condition wants it."""

    def __init__(self, readers: Readers, histories: PendingHistories) -> None:
        self._readers, self._histories, self._merging = readers, histories, Merging(readers)
        self.reads: dict[int, set[int]] = {}

    def begin(self) -> None:
        """Begin a batch."""
        self.reads = {}

    def refusal(self, event: Event) -> Refused | None:
        """Return why a step that is not admitted yet does not fit in, None if it does."""
        added = replace(event, position=self._histories.next_position)
        query = self._histories.query
        return self._refusal([event], World(query), World(query, added=[added]), [added])

    def refusal_of_all(self, events: Sequence[Event]) -> Refused | None:
        """Return why events that the batch has admitted do not fit in together, None if they do."""
        query = self._histories.query
        before = World(query, hidden={identity(each) for each in events})
        return self._refusal(events, before, World(query), self._histories.placed(events))

    def refusal_of_merge(self, event: Event) -> Refused | None:
        """Return why an alias cannot begin: both numbers have what only one may have, None if they do not."""
        world = World(self._histories.query)
        candidates = self._merging.looked_through(event, world)
        self._note(world, [event], candidates)
        return _end_first(self._merging.both(event, candidates, world))

    def _refusal(
        self, events: Sequence[Event], before: World, after: World, placed: Sequence[Event]
    ) -> Refused | None:
        worlds = Worlds(self._readers, before, after)
        behind = worlds.candidates(placed)
        self._note(after, events, behind)
        if len(behind) > MOST_BEHIND:
            return _out_of_order(behind[0], "is the first of more than 100 that follow")
        found = next(worlds.shaken(behind, new={identity(each) for each in events}), None)
        if found is None or found.refused is None:
            return None
        return _out_of_order(found.event, f"follows and would not hold: {found.refused.code}")

    def _note(self, after: World, events: Sequence[Event], behind: Sequence[Event]) -> None:
        """Note that the decision rests on what follows, and on what is judged again for it."""
        wanted: Mapping[str, Mapping[type[Event], None]] = reads(behind, self._readers.plans)
        for tag, types in wanted.items():
            self._read(tag, (*types, *rewriting_types(tag.partition(":")[0])))
        for event in events:
            for tag in after.names(tags(event)):
                self._read(tag, self._following(tag.partition(":")[0], event))

    def _following(self, kind: str, event: Event) -> Types:
        if alias_of(type(event)):
            return self._merging.types(kind)
        return self._readers.then(kind, type(event))

    def _read(self, tag: str, types: Sequence[type[Event]]) -> None:
        wire = names()
        self.reads.setdefault(key(tag), set()).update(key(wire[each]) for each in types)


def _out_of_order(event: Event, why: str) -> Refused:
    refused = Refused("out-of-order", f"{_name(event)} {why}")
    refused.rule = FITS_IN
    return refused


def _end_first(both: Sequence[Both]) -> Refused | None:
    """Name the first thing that both numbers have, on either side."""
    if not both:
        return None
    first = both[0].refused
    same = [each.event for each in both if (each.refused.rule, each.refused.code) == (first.rule, first.code)]
    found = " or ".join(_name(each) for each in same[:2])
    refused = Refused(
        "end-first", f"end first: {found}; with both in force, one would be refused: {first.code}"
    )
    refused.rule = ONE_OF_EACH
    return refused


def _name(event: Event) -> str:
    return f"{names()[type(event)]} of {day(event.occurred_at)} ({event.source}#{event.id})"
