"""The judging plan of an event class: the rules as they apply to it, compiled once so that judging an event is cheap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

from msgspec.structs import replace

from domain.rule import Reading, Revision, Rule, field_of
from events.contract import tag_fields, tags
from events.event import Event
from events.fold import Fold
from events.rewriting import rewrites

Folds: TypeAlias = tuple[Fold[Any], ...]
States: TypeAlias = dict[Fold[Any], Any]
"""The states of one tag, by fold."""

ReadTags: TypeAlias = "str | list[str] | None"
"""The tags whose histories one reading reads for an event: one tag, a list of them, or None if the field is None."""

TagGetter: TypeAlias = Callable[[Event], ReadTags]
"""Returns the tags whose histories one reading reads for an event."""


class Check:
    """A rule as it applies to one event class; it finds its states by their index among all that the class reads.

    `hashed` says whether it reads the history of a hashed tag: it would tell whoever guesses the value that it exists.
    """

    __slots__ = ("check", "each", "hashed", "identity", "reads", "times")

    def __init__(
        self,
        rule: Rule,
        identity: str,
        readings: Sequence[Reading[Any]],
        indexes: Sequence[int],
        *,
        hashed: bool,
    ) -> None:
        self.check, self.identity, self.hashed = rule.check, identity, hashed
        self.each = bool(readings) and readings[0].each
        self.times = tuple(each.time for each in readings)
        self.reads = tuple(
            (index, each.fold, each.time == "then") for index, each in zip(indexes, readings, strict=True)
        )

    def judge(self, event: Event, found: Sequence[States], then: Sequence[States]) -> Event | None:
        """Run the rule, which raises Refused or returns None; a revision returns the event as it would have been.

        `found` are the states of all that is recorded, `then` those of what had occurred when the event did.
        """
        return self.judge_on(
            [(then if cut else found)[index][fold] for index, fold, cut in self.reads], event
        )

    def judge_on(self, states: Sequence[Any], event: Event) -> Event | None:
        """Run the rule on the state of each reading, or the list of states where it reads several tags."""
        if not self.each:
            return self.check(*states, event)
        for state in states[0]:
            self.check(state, *states[1:], event)
        return None


class JudgingPlan:
    """What judging one event class involves: the histories that its rules read, the checks, and the folds that it changes.

    `getters` and `reads` are parallel: the tags of the histories, and the folds that are read of each. `steps` are the
    folds of which its events are steps, each with the index of its histories.
    """

    def __init__(
        self,
        cls: type[Event],
        rules: Mapping[Rule, str],
        revisions: Sequence[Revision],
        folds: Iterable[Fold[Any]],
    ) -> None:
        self._indexes: dict[tuple[str, str, bool], int] = {}
        read: list[dict[Fold[Any], None]] = []
        self.getters: list[TagGetter] = []
        self.checks: list[Check] = []
        self.revisions: list[Check] = []
        hashed_kinds = {each.tag.kind for each in tag_fields(cls) if each.tag and each.tag.hashed}
        for rule in (*rules, *revisions):
            if rule.judges(cls):
                readings = [_simplified(each, cls) for each in rule.readings]
                own = [self._index(reading, cls, read) for reading in readings]
                checks = self.revisions if isinstance(rule, Revision) else self.checks
                hashed = any(each.fold.tag in hashed_kinds for each in readings)
                checks.append(Check(rule, rules.get(rule, rule.name), readings, own, hashed=hashed))
        self.changes: dict[str, list[Fold[Any]]] = {}
        self.steps: list[tuple[int, Fold[Any]]] = []
        for fold in folds:
            if cls in fold.events:
                self.changes.setdefault(fold.tag, []).append(fold)
                if fold.steps:
                    all_of_kind = _simplified(Reading(fold, each=True), cls)
                    self.steps.append((self._index(all_of_kind, cls, read), fold))
        self.reads: list[Folds] = [tuple(each) for each in read]
        self.rewrites = rewrites(cls)

    def _index(self, reading: Reading[Any], cls: type[Event], read: list[dict[Fold[Any], None]]) -> int:
        """Return the index of the histories that a reading reads, a new one unless another reads them too."""
        index = self._indexes.setdefault(_history(reading, cls), len(self._indexes))
        if index == len(self.getters):
            self.getters.append(_tag_getter(reading, cls))
            read.append({})
        read[index][reading.fold] = None
        return index


def _simplified(reading: Reading[Any], cls: type[Event]) -> Reading[Any]:
    """Turn a reading of each tag into one of a single field if events of the class have exactly one such tag."""
    marked = [each for each in tag_fields(cls) if each.tag and each.tag.kind == reading.fold.tag]
    if reading.each and len(marked) == 1 and marked[0].base is str and not marked[0].optional:
        return replace(reading, field=marked[0].name, each=False)
    return reading


def _history(reading: Reading[Any], cls: type[Event]) -> tuple[str, str, bool]:
    """Identify the histories that a reading reads: by the kind of their tags and the field, or the fixed value."""
    if reading.each or reading.value:
        return reading.fold.tag, reading.value, reading.each
    return reading.fold.tag, field_of(reading, cls)[0], False


def _tag_getter(reading: Reading[Any], cls: type[Event]) -> TagGetter:
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

    def tag(event: Event) -> str | None:
        value = get(event)
        return None if value is None else prefix + value

    return tag
