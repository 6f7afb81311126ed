"""Judging a whole log in two worlds, by nothing but lists: what the search for shaken events must agree with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.rule import Refused, Time
from events.alias import alias_of
from events.contract import cited, tags
from events.event import Event
from events.fold import REMOVED, Fold
from events.order import in_order, moment
from events.rewriting import effective, retracted, rewrites
from streams.ground.readers import Plans
from streams.ground.worlds import Identity, identity
from streams.history.aliases import renaming
from streams.history.components import Components


class Listed:
    """A world that is a list of events, some of which are gone."""

    def __init__(self, events: Sequence[Event], plans: Plans, gone: set[Identity]) -> None:
        self.events, self._plans, self.gone = in_order(effective(events)), plans, gone
        self._names: dict[str, Components] = {}
        for event in sorted(events, key=lambda each: each.position):
            if alias_of(type(event)):
                renamed = renaming(event)
                names = self._names.setdefault(renamed.kind, Components())
                if renamed.into is None:
                    names.end(renamed.value)
                else:
                    names.begin(renamed.value, renamed.into)

    def refused(self, event: Event, *, anew: bool = False) -> bool:
        """Report whether an event of the log is refused in this world."""
        if not retracted(event) and self.gone & set(cited(event)):
            return True
        plan = self._plans[type(event)]
        for check in plan.checks:
            reads = zip(check.reads, check.times, strict=True)
            states = [
                self._read(plan.getters[index](event), fold, time, event, anew)
                for (index, fold, _), time in reads
            ]
            try:
                check.judge_on(states, event)
            except Refused:
                return True
        return False

    def _read(self, read: Any, fold: Fold[Any], time: Time, event: Event, anew: bool) -> Any:  # noqa: FBT001
        if read is None:
            return fold.start("")
        if isinstance(read, str):
            return self._state(read, fold, time, event, anew)
        return [self._state(tag, fold, time, event, anew) for tag in read]

    def _state(self, tag: str, fold: Fold[Any], time: Time, event: Event, anew: bool) -> Any:  # noqa: FBT001
        kind, _, value = tag.partition(":")
        names = self._names.get(kind)
        wanted = {f"{kind}:{each}" for each in (names.members(value) if names else (value,))}
        state = fold.start(value)
        for each in self.events:
            if type(each) not in fold.events or identity(each) in self.gone or not wanted & set(tags(each)):
                continue
            counts = {
                "then": moment(each) < moment(event),
                "ever": each.position != event.position if anew else each.position < event.position,
                "data": each.position != event.position,
            }[time]
            if counts and fold.evolve(state, each) is REMOVED:
                state = fold.start(value)
        return state


def judged_twice(
    before: Sequence[Event], after: Sequence[Event], plans: Plans, lost: Mapping[Identity, Event]
) -> list[tuple[Identity, bool]]:
    """Return the events that hold in one world only, in order, each with whether it holds afterwards."""
    one, other = Listed(before, plans, set(lost)), Listed(after, plans, set(lost))
    known, found = {identity(each) for each in before}, list[tuple[Identity, bool]]()
    for event in other.events:
        name = identity(event)
        if name not in known or rewrites(type(event)):
            continue
        if name in lost:
            if not other.refused(event) or not other.refused(event, anew=True):
                other.gone.discard(name)
                found.append((name, True))
        elif other.refused(event) and not one.refused(event):
            other.gone.add(name)
            found.append((name, False))
    return found
