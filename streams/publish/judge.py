"""The judge: lets the rules admit or refuse proposed events, later ones seeing the earlier."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, TypeAlias

from msgspec import Struct

from domain.rule import Reading, Refused, Revision, Rule, field_of, of
from events.catalogue import names
from events.contract import cited, tag_fields, tags
from events.entry import key
from events.event import Event
from events.fold import Fold
from events.rewriting import rewrites, rewriting_types
from streams.publish.warm_folds import Folds, States, WarmFolds

Asked: TypeAlias = "str | list[str] | None"
Look: TypeAlias = Callable[[Event], Asked]


class _Check:
    """A rule as it applies to one event class: the places of what it reads among all that the class reads."""

    __slots__ = ("check", "each", "identity", "reads")

    def __init__(
        self, rule: Rule, identity: str, readings: Sequence[Reading[Any]], places: Sequence[int]
    ) -> None:
        self.check, self.identity = rule.check, identity
        self.each = bool(readings) and readings[0].each
        self.reads = tuple((place, each.fold) for place, each in zip(places, readings, strict=True))

    def judge(self, event: Event, found: Sequence[States]) -> Event | None:
        """Let the rule raise Refused, or return; a revision returns the event as it would have been."""
        states = [found[place][fold] for place, fold in self.reads]
        if not self.each:
            return self.check(*states, event)
        for state in states[0]:
            self.check(state, *states[1:], event)
        return None


class _Plan:
    """All that concerns one event class: which histories its rules read, its checks, and what it changes."""

    def __init__(
        self,
        cls: type[Event],
        rules: Mapping[Rule, str],
        revisions: Sequence[Revision],
        folds: Iterable[Fold[Any]],
    ) -> None:
        places: dict[tuple[str, str, bool], int] = {}
        read: list[dict[Fold[Any], None]] = []
        self.looks: list[Look] = []
        self.checks: list[_Check] = []
        self.revisions: list[_Check] = []
        for rule in (*rules, *revisions):
            if rule.judges(cls):
                readings, mine = [_plain(each, cls) for each in rule.readings], []
                for reading in readings:
                    place = places.setdefault(_place(reading, cls), len(places))
                    if place == len(self.looks):
                        self.looks.append(_look(reading, cls))
                        read.append({})
                    read[place][reading.fold] = None
                    mine.append(place)
                checks = self.revisions if isinstance(rule, Revision) else self.checks
                checks.append(_Check(rule, rules.get(rule, rule.name), readings, mine))
        self.reads: list[Folds] = [tuple(each) for each in read]
        self.changes: dict[str, list[Fold[Any]]] = {}
        for fold in folds:
            if cls in fold.events:
                self.changes.setdefault(fold.tag, []).append(fold)
        self.rewrites = rewrites(cls)


def _plain(reading: Reading[Any], cls: type[Event]) -> Reading[Any]:
    """Return a reading of each tag as that of one field, where no event of the class has several."""
    marked = [each for each in tag_fields(cls) if each.tag and each.tag.kind == reading.fold.tag]
    if reading.each and len(marked) == 1 and marked[0].base is str and not marked[0].optional:
        return of(reading.fold, marked[0].name)
    return reading


def _place(reading: Reading[Any], cls: type[Event]) -> tuple[str, str, bool]:
    """Return what tells histories apart: readings of one kind and field (or value) are of the same tags."""
    if reading.each or reading.value:
        return reading.fold.tag, reading.value, reading.each
    return reading.fold.tag, field_of(reading, cls)[0], False


def _look(reading: Reading[Any], cls: type[Event]) -> Look:
    """Return what finds the tags in an event whose histories a reading is of."""
    prefix = f"{reading.fold.tag}:"
    if reading.each:
        return lambda event: [tag for tag in tags(event) if tag.startswith(prefix)]
    if reading.value:
        fixed = prefix + reading.value
        return lambda _: fixed
    name, many = field_of(reading, cls)
    get = attrgetter(name)
    if many:
        return lambda event: [prefix + each for each in get(event)]

    def look(event: Event) -> str | None:
        value = get(event)
        return None if value is None else prefix + value

    return look


class _Unnamed(dict[Fold[Any], Any]):
    """The states where an event names no history: always the starting ones."""

    def __missing__(self, fold: Fold[Any]) -> Any:
        return fold.start("")


class _Several(dict[Fold[Any], Any]):
    """The states where an event names several histories: a list of them."""

    def __init__(self, states: Sequence[States]) -> None:
        super().__init__()
        self._states = states

    def __missing__(self, fold: Fold[Any]) -> Any:
        return [each[fold] for each in self._states]


_UNNAMED = _Unnamed()


class Case(Struct, gc=False):
    """A proposed event that is to be judged, and the tags whose histories its rules read."""

    event: Event
    asked: Sequence[Asked]


class Hearing(Struct):
    """The cases of a batch, and all that judging them reads: the folds, by tag."""

    cases: Sequence[Case]
    needs: Mapping[str, Folds]


class Awaited(Struct):
    """What a refused event may only be waiting for: events of some types with a tag, by tag; or of an identity."""

    types: Mapping[str, Collection[type[Event]]]
    identities: Collection[tuple[str, str]]

    def brought_by(self, event: Event) -> bool:
        """Tell whether an event may be it."""
        found = any(type(event) in self.types.get(tag, ()) for tag in tags(event))
        return found or (event.source, event.id) in self.identities


class Reads:
    """Which types of which tags decisions rest on, as an append condition asks for it; found when asked."""

    def __init__(self, needs: Mapping[str, Folds], tags_of: Callable[[int], Sequence[str]]) -> None:
        self._needs, self._tags_of = needs, tags_of

    def get(self, tag: int, /) -> frozenset[int] | None:
        """Return the keys of the types that were read of the tag with this key."""
        wire, folds = names(), [fold for each in self._tags_of(tag) for fold in self._needs.get(each, ())]
        types = {each for fold in folds for each in (*fold.events, *rewriting_types(fold.tag))}
        return frozenset(key(wire[each]) for each in types) or None


class Judge:
    """Judges batches over warm folds. Nothing is appended here; who appends tells what became of it."""

    def __init__(
        self, rules: Mapping[Rule, str], warm: WarmFolds, revisions: Sequence[Revision] = ()
    ) -> None:
        self._warm = warm
        folds = tuple(dict.fromkeys(each.fold for rule in (*rules, *revisions) for each in rule.readings))
        self._plans = {cls: _Plan(cls, rules, revisions, folds) for cls in names()}
        self._unions: dict[tuple[Folds, Folds], Folds] = {}

    def hear(self, events: Iterable[Event]) -> Hearing:
        """Prepare to judge these events, in order: all states that their rules read are warm then."""
        cases, needs = [], dict[str, Folds]()
        for event in events:
            plan = self._plans[type(event)]
            case = Case(event, [look(event) for look in plan.looks])
            cases.append(case)
            self._need(case, plan, needs)
        self._warm.load(needs)
        return Hearing(cases, needs)

    def _need(self, case: Case, plan: _Plan, needs: dict[str, Folds]) -> None:
        """Add the folds that a case needs, by tag."""
        for asked, folds in zip(case.asked, plan.reads, strict=True):
            for tag in (asked,) if isinstance(asked, str) else asked or ():
                if needs.setdefault(tag, folds) is not folds:
                    needs[tag] = self._union(needs[tag], folds)

    def _union(self, some: Folds, others: Folds) -> Folds:
        found = self._unions.get((some, others))
        if found is None:
            together = tuple(dict.fromkeys((*some, *others)))
            found = self._unions[some, others] = some if len(together) == len(some) else together
        return found

    def reads(self, hearing: Hearing) -> Reads:
        """Return, as an append condition wants it, which types of which tags the decisions rest on."""
        return Reads(hearing.needs, self._warm.tags_of)

    def refusal(self, case: Case) -> Refused | None:
        """Return why an event is refused, or None where it is admitted."""
        found = [self._states(asked) for asked in case.asked]
        for check in self._plans[type(case.event)].checks:
            try:
                check.judge(case.event, found)
            except Refused as refused:
                refused.rule = check.identity
                return refused
        return None

    def revised(self, case: Case, before: Sequence[Event]) -> Case:
        """Return a case as it would have been under this history; `before` was admitted earlier in the batch."""
        plan = self._plans[type(case.event)]
        for each in plan.revisions:
            try:
                event = each.judge(case.event, [self._states(asked) for asked in case.asked])
            except Refused:
                continue  # nothing published says otherwise: the rules tell
            if event is not None and event != case.event:
                needs: dict[str, Folds] = {}
                case = Case(event, [look(event) for look in plan.looks])
                self._need(case, plan, needs)
                self._warm.load(needs, before)
        return case

    def awaited(self, case: Case, rule: str) -> Awaited:
        """Return what may yet make a rule admit an event: what changes the histories that it has read of it."""
        types: dict[str, Collection[type[Event]]] = {}
        for check in self._plans[type(case.event)].checks:
            if check.identity == rule:
                for place, fold in check.reads:
                    asked = case.asked[place]
                    for tag in (asked,) if isinstance(asked, str) else asked or ():
                        types[tag] = {*types.get(tag, ()), *fold.events}
        return Awaited(types, cited(case.event))

    def _states(self, asked: Asked) -> States:
        if isinstance(asked, str):
            return self._warm.states(asked)
        return _UNNAMED if asked is None else _Several([self._warm.states(tag) for tag in asked])

    def admit(self, event: Event, before: Sequence[Event]) -> None:
        """Let an admitted event change the warm states; `before` was admitted earlier in the batch."""
        plan = self._plans[type(event)]
        touched = tags(event)
        if plan.rewrites:
            # The history before it becomes another one: fold the states afresh, with all the batch admitted.
            held = self._warm.held(touched)
            self._warm.forget(touched)
            self._warm.load(held, chain(before, (event,)))
        else:
            self._warm.evolve(event, touched, plan.changes)

    def forget(self, tags_: Iterable[str]) -> None:
        """Drop the states of these tags: what was admitted is not appended after all."""
        self._warm.forget(tags_)

    def outdated(self, keys: Iterable[int]) -> None:
        """Drop the states of the tags with these keys: others have appended to their histories."""
        self._warm.outdated(keys)

    def shrink(self) -> None:
        """Keep the warm states within their bound."""
        self._warm.shrink()

    def clear(self) -> None:
        """Drop all states."""
        self._warm.clear()
