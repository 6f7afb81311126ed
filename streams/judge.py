"""The judge: lets the rules admit or refuse proposed events, later ones seeing the earlier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from domain.rule import Reading, Refused, Rule, field_of
from events.alias import alias_of
from events.catalogue import names
from events.contract import tags
from events.entry import key
from events.event import Event
from events.fold import Fold
from streams.warm import WarmFolds

Needs = Mapping[str, Iterable[Fold[Any]]]
Look = Callable[[Event], "str | list[str] | None"]


class _Check:
    """A rule as it applies to one event class: which tags each of its readings follows."""

    def __init__(self, rule: Rule, cls: type[Event]) -> None:
        self.rule, self.check = rule, rule.check
        self.reads = tuple((each.fold, _look(each, cls)) for each in rule.readings)
        first = rule.readings[0]
        self.each = first.each
        self.fields = _tags_of_kind(first.fold.tag) if first.each else None

    def wanted(self, event: Event) -> Iterable[tuple[str, Fold[Any]]]:
        """Give every tag whose history the check needs, with the fold."""
        if self.fields:
            fold = self.reads[0][0]
            yield from ((tag, fold) for tag in self.fields(event))
        for fold, look in self.reads[1 if self.fields else 0 :]:
            tag = look(event)
            if isinstance(tag, list):
                yield from ((each, fold) for each in tag)
            elif tag is not None:
                yield tag, fold

    def judge(self, event: Event, warm: WarmFolds) -> None:
        """Let the check raise Refused, or return."""
        if self.fields:
            fold = self.reads[0][0]
            more = [_state(fold, look(event), warm) for fold, look in self.reads[1:]]
            for tag in self.fields(event):
                self.check(warm.state(fold, tag), *more, event)
        else:
            self.check(*[_state(fold, look(event), warm) for fold, look in self.reads], event)


def _state(fold: Fold[Any], tag: str | list[str] | None, warm: WarmFolds) -> Any:
    if tag is None:
        return fold.start("")
    if isinstance(tag, list):
        return [warm.state(fold, each) for each in tag]
    return warm.state(fold, tag)


def _look(reading: Reading[Any], cls: type[Event]) -> Look:
    prefix = f"{reading.fold.tag}:"
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


def _tags_of_kind(kind: str) -> Callable[[Event], list[str]]:
    prefix = f"{kind}:"
    return lambda event: [tag for tag in tags(event) if tag.startswith(prefix)]


class _Plan:
    """All that concerns one event class: its checks, and the folds that it changes, by tag kind."""

    def __init__(self, cls: type[Event], rules: Sequence[Rule], folds: Iterable[Fold[Any]]) -> None:
        self.checks = tuple(_Check(rule, cls) for rule in rules if rule.judges(cls))
        self.changes: dict[str, list[Fold[Any]]] = {}
        for fold in folds:
            if cls in fold.events:
                self.changes.setdefault(fold.tag, []).append(fold)
        self.renames = alias_of(cls) is not None


class Judge:
    """Judges batches over warm folds. Nothing is appended here; who appends tells what became of it."""

    def __init__(self, rules: Sequence[Rule], warm: WarmFolds) -> None:
        self._warm = warm
        folds = tuple(dict.fromkeys(each.fold for rule in rules for each in rule.readings))
        self._plans = {cls: _Plan(cls, rules, folds) for cls in names()}
        wire = names()
        self._types = {fold: frozenset(key(wire[each]) for each in fold.events) for fold in folds}
        self._unions: dict[tuple[Fold[Any], ...], frozenset[int]] = {}

    def needs(self, events: Iterable[Event]) -> Needs:
        """Return the folds that judging these events reads, by tag."""
        found: dict[str, dict[Fold[Any], None]] = {}
        for event in events:
            for check in self._plans[type(event)].checks:
                for tag, fold in check.wanted(event):
                    found.setdefault(tag, {})[fold] = None
        return found

    def reads(self, needs: Needs) -> dict[int, frozenset[int]]:
        """Return, as an append condition wants it, which types of which tags the decisions rest on."""
        return {key(tag): self._union(tuple(folds)) for tag, folds in needs.items()}

    def _union(self, folds: tuple[Fold[Any], ...]) -> frozenset[int]:
        found = self._unions.get(folds)
        if found is None:
            found = self._unions[folds] = frozenset[int]().union(*(self._types[each] for each in folds))
        return found

    def load(self, needs: Needs) -> None:
        """Make what judging needs warm."""
        self._warm.load(needs)

    def refusal(self, event: Event) -> Refused | None:
        """Return why an event is refused, or None where it is admitted."""
        for check in self._plans[type(event)].checks:
            try:
                check.judge(event, self._warm)
            except Refused as refused:
                refused.rule = check.rule.name
                return refused
        return None

    def admit(self, event: Event, before: Sequence[Event]) -> None:
        """Let an admitted event change the warm states; `before` was admitted earlier in the batch."""
        plan = self._plans[type(event)]
        touched = tags(event)
        if plan.renames:
            # Another history becomes part of this one: fold the states afresh, with all the batch admitted.
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
