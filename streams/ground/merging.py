"""What two numbers both have although one person, or one thing, may have it only once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias

from msgspec import Struct

from domain.rule import Refused
from events.alias import alias_of
from events.contract import tags
from events.event import Event
from events.fold import Fold
from events.order import in_order, moment
from streams.ground.judging_plan import Check, JudgingPlan, ReadTags
from streams.ground.readers import Readers
from streams.ground.world_states import folded, reads
from streams.ground.worlds import Types, World

MOST_LOOKED_THROUGH = 1_000
"""Events of two numbers that are looked through before they are merged; beyond that, what a merge shakes is stated."""


class Both(Struct, frozen=True):
    """An event whose effect one number has, and why the other number's history leaves no room for it."""

    event: Event
    refused: Refused

    @property
    def why(self) -> tuple[str, str]:
        """The rule that refuses, and its code."""
        return self.refused.rule, self.refused.code


class Merging:
    """Looks through the histories of two numbers before they become one.

    An event stands in the way if a rule over a course of steps would refuse it, were it sent again now: to its own
    number, which so has it still; and to the person of both numbers without it, as the other number has it too. Where
    its own number without it, or no history at all, would be refused alike, something else is at fault. A rule counts
    only if each number has such an event.
    """

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._checks: dict[tuple[type[Event], str], list[Check]] = {}

    def types(self, kind: str) -> Types:
        """Return the classes whose events may stand in the way of a merge of numbers of a kind."""
        return tuple(cls for cls in self._readers.of_kind(kind) if self._steps(cls, kind))

    def looked_through(self, event: Event, world: World) -> list[Event]:
        """Return the events of both numbers that may stand in the way of a merge, in order; [] if there are too many."""
        people = _numbers(event)
        found = world.read(dict.fromkeys(people, self.types(people[0].partition(":")[0])))
        together = {each.position: each for each in chain.from_iterable(found.values())}
        return sorted(together.values(), key=moment) if len(together) <= MOST_LOOKED_THROUGH else []

    def both(self, event: Event, candidates: Sequence[Event], world: World) -> list[Both]:
        """Return the candidates whose effect both numbers have, in order."""
        people = _numbers(event)
        one, other = ({*world.names([tag])} for tag in people)
        if one & other:
            return []
        wanted = {tag: tuple(types) for tag, types in reads(candidates, self._readers.plans).items()}
        known = tuple(dict.fromkeys(cls for tag in one | other for cls in wanted.get(tag, ())))
        histories = world.read(wanted | dict.fromkeys(people, known))
        trial = _Trial(histories, (one, histories[people[0]]), (other, histories[people[1]]))
        kind = people[0].partition(":")[0]
        found: list[Both] = []
        for each in candidates:
            plan, checks = self._readers.plans[type(each)], self._steps(type(each), kind)
            if refused := trial.refusal(each, plan, checks):
                found.append(Both(each, refused))
        sides = [
            {each.why for each in found if not side.isdisjoint(tags(each.event))} for side in (one, other)
        ]
        return [each for each in found if each.why in sides[0] & sides[1]]

    def _steps(self, cls: type[Event], kind: str) -> list[Check]:
        """Return the rules that judge a class on a course of steps of a kind of tag, as it had come by then."""
        found = self._checks.get((cls, kind))
        if found is None:
            found = self._checks[cls, kind] = [
                check
                for check in self._readers.plans[cls].checks
                if any(cut and fold.steps and fold.tag == kind for _, fold, cut in check.reads)
            ]
        return found


Side: TypeAlias = "tuple[set[str], Sequence[Event]]"
"""A number under all its names, and its history."""


class _Trial:
    """Sends events again, to one of two numbers, to both as one, or to a number without a history."""

    def __init__(self, histories: Mapping[str, Sequence[Event]], one: Side, other: Side) -> None:
        self._histories, self._one, self._other = histories, one, other
        self._both = in_order((*one[1], *other[1]))

    def refusal(self, event: Event, plan: JudgingPlan, checks: Sequence[Check]) -> Refused | None:
        """Return why the other number leaves no room for an event that still has its effect, None if it does."""
        own = next(
            history for names, history in (self._one, self._other) if not names.isdisjoint(tags(event))
        )
        for check in checks:
            still = self._judged(check, event, plan, own)
            if not still or self._judged(check, event, plan, _without(own, event)):
                continue
            refused = self._judged(check, event, plan, _without(self._both, event))
            nobody = self._judged(check, event, plan, ())
            if refused and not (nobody and nobody.code == refused.code):
                return refused
        return None

    def _judged(
        self, check: Check, event: Event, plan: JudgingPlan, history: Iterable[Event]
    ) -> Refused | None:
        states = [self._read(plan.getters[index](event), fold, history) for index, fold, _ in check.reads]
        try:
            check.judge_on(states, event)
        except Refused as refused:
            refused.rule = check.identity
            return refused
        return None

    def _read(self, read: ReadTags, fold: Fold[Any], history: Iterable[Event]) -> Any:
        if read is None:
            return fold.start("")
        if isinstance(read, str):
            return self._state(read, fold, history)
        return [self._state(tag, fold, history) for tag in read]

    def _state(self, tag: str, fold: Fold[Any], history: Iterable[Event]) -> Any:
        theirs = tag in self._one[0] or tag in self._other[0]
        return folded(tag, fold, history if theirs else self._histories[tag])


def _numbers(merge: Event) -> list[str]:
    """Return the tags of the two numbers that an event merges."""
    alias = alias_of(type(merge))
    kind, name, of = (alias[0], alias[1], alias[2].of) if alias else ("", "", "")
    return [f"{kind}:{getattr(merge, each)}" for each in (name, of)]


def _without(history: Iterable[Event], event: Event) -> list[Event]:
    return [each for each in history if each.position != event.position]
