"""The states on which recorded events are judged again in a world, each as it was for that event."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from operator import attrgetter
from typing import Any

from domain.rule import Refused, Time, TooEarly
from events.contract import cited
from events.event import Event
from events.fold import REMOVED, Fold
from events.order import NEVER, in_order, moment
from events.rewriting import retracted
from streams.ground.judging_plan import ReadTags
from streams.ground.readers import Plans
from streams.ground.worlds import Identity, World, identity

CITES = "log.cites_what_is_recorded"
"""The identity of the rule that a cited event is in the log and of the stated type; publishers read it."""


class _Course:
    """One state that moves on through a history; `key` says in which order it is asked for.

    By moments, it is that of what had occurred before an event; by positions, that of what had been recorded.
    """

    def __init__(
        self, tag: str, fold: Fold[Any], events: Iterable[Event], key: Callable[[Event], Any]
    ) -> None:
        self._value, self._fold, self._key = tag.partition(":")[2], fold, key
        self._events = sorted((each for each in events if type(each) in fold.events), key=key)
        self._upto: Any = None
        self.restart()

    def restart(self) -> None:
        """Begin again."""
        self._next, self._at, self._upto = 0, (NEVER, 0), None
        self._state = self._fold.start(self._value)

    def before(self, event: Event, gone: Container[Identity]) -> Any:
        """Return the state before an event, without the events that are gone."""
        upto = self._key(event)
        if self._upto is not None and upto < self._upto:
            self.restart()
        fresh = in_order(self._fresh(upto, gone))
        if fresh and moment(fresh[0]) < self._at:
            self.restart()
            fresh = in_order(self._fresh(upto, gone))
        self._upto = upto
        for each in fresh:
            self._at = moment(each)
            if self._fold.evolve(self._state, each) is REMOVED:
                self._state = self._fold.start(self._value)
        return self._state

    def changed(self, event: Event) -> None:
        """Begin again if the state contains an event that has gone or come back."""
        if self._upto is not None and self._key(event) < self._upto:
            self.restart()

    def _fresh(self, upto: Any, gone: Container[Identity]) -> list[Event]:
        found = []
        while self._next < len(self._events) and self._key(self._events[self._next]) < upto:
            if identity(self._events[self._next]) not in gone:
                found.append(self._events[self._next])
            self._next += 1
        return found


class WorldStates:
    """Judges recorded events of a world, in which those that are `gone` are left out."""

    def __init__(self, world: World, plans: Plans, gone: Iterable[Identity] = ()) -> None:
        self.world, self._plans, self._gone = world, plans, set(gone)
        self._histories: dict[str, list[Event]] = {}
        self._courses: dict[tuple[str, Fold[Any], bool], _Course] = {}

    def load(self, events: Iterable[Event]) -> None:
        """Read the histories on which events are judged, and forget those that were read before."""
        wanted = reads(events, self._plans)
        self._histories = self.world.read({tag: tuple(types) for tag, types in wanted.items()})
        self._courses = {}

    def leave_out(self, event: Event) -> None:
        """Leave an event out from now on."""
        self._gone.add(identity(event))
        self._changed(event)

    def bring_back(self, event: Event) -> None:
        """Count an event from now on."""
        self._gone.discard(identity(event))
        self._changed(event)

    def _changed(self, event: Event) -> None:
        for each in self._courses.values():
            each.changed(event)

    def refusal(self, event: Event, *, anew: bool = False) -> Refused | None:
        """Return why an event is refused, None if it is admitted.

        What holds once and for all is judged on what was recorded before the event or, with `anew`, on all that is
        recorded besides it, as if it were sent again now.
        """
        refused = self._cites_gone(event)
        if refused:
            return refused
        plan = self._plans[type(event)]
        for check in plan.checks:
            states = [
                self._read(plan.getters[index](event), fold, time, event, anew=anew)
                for (index, fold, _), time in zip(check.reads, check.times, strict=True)
            ]
            try:
                check.judge_on(states, event)
            except Refused as error:
                error.rule = check.identity
                return error
        return None

    def _cites_gone(self, event: Event) -> Refused | None:
        for each in () if retracted(event) else cited(event):
            if each in self._gone:
                refused = TooEarly("unknown-evidence", f"the event {'#'.join(each)} does not hold")
                refused.rule = CITES
                return refused
        return None

    def _read(self, read: ReadTags, fold: Fold[Any], time: Time, event: Event, *, anew: bool) -> Any:
        if read is None:
            return fold.start("")
        if isinstance(read, str):
            return self._state(read, fold, time, event, anew=anew)
        return [self._state(tag, fold, time, event, anew=anew) for tag in read]

    def _state(self, tag: str, fold: Fold[Any], time: Time, event: Event, *, anew: bool) -> Any:
        if time == "data" or (anew and time == "ever"):
            return self._whole(tag, fold, event)
        course = self._courses.get((tag, fold, time == "then"))
        if course is None:
            order: Callable[[Event], Any] = moment if time == "then" else attrgetter("position")
            course = _Course(tag, fold, self._histories[tag], order)
            self._courses[tag, fold, time == "then"] = course
        return course.before(event, self._gone)

    def _whole(self, tag: str, fold: Fold[Any], besides: Event) -> Any:
        counts = (each for each in self._histories[tag] if identity(each) not in self._gone)
        return folded(tag, fold, (each for each in counts if each.position != besides.position))


def folded(tag: str, fold: Fold[Any], history: Iterable[Event]) -> Any:
    """Return the state of a tag after a history, which is in order."""
    value = tag.partition(":")[2]
    state = fold.start(value)
    for each in history:
        if type(each) in fold.events and fold.evolve(state, each) is REMOVED:
            state = fold.start(value)
    return state


def reads(events: Iterable[Event], plans: Plans) -> dict[str, dict[type[Event], None]]:
    """Return the types that judging events reads of each tag."""
    wanted: dict[str, dict[type[Event], None]] = {}
    for event in events:
        plan = plans[type(event)]
        for get, folds in zip(plan.getters, plan.reads, strict=True):
            read = get(event)
            for tag in (read,) if isinstance(read, str) else read or ():
                types = wanted.setdefault(tag, {})
                for fold in folds:
                    types.update(dict.fromkeys(fold.events))
    return wanted
