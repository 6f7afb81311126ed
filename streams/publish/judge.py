"""The judge: the rules admit or refuse proposed events in order, each judged on the state that those before it left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from domain.rule import Refused, Revision, Rule
from events.alias import begins_alias
from events.catalogue import names
from events.contract import cited, tags
from events.event import Event
from events.fold import Fold
from streams.ground.judging_plan import Folds, JudgingPlan, ReadTags, States
from streams.ground.readers import Readers
from streams.ports import Change
from streams.publish.fitting_in import FittingIn
from streams.publish.warm_folds import WarmFolds
from streams.publish.warm_slot import read_types


class _StartingStates(dict[Fold[Any], Any]):
    """The states for a reading whose field is None: always the starting ones."""

    def __missing__(self, fold: Fold[Any]) -> Any:
        return fold.start("")


class _StateLists(dict[Fold[Any], Any]):
    """The states for a reading of several tags: by fold, a list with the state of each tag."""

    def __init__(self, states: Sequence[States]) -> None:
        super().__init__()
        self._states = states

    def __missing__(self, fold: Fold[Any]) -> Any:
        return [each[fold] for each in self._states]


_STARTING_STATES = _StartingStates()


class PreparedEvent(Struct, gc=False):
    """A proposed event that is ready to be judged; `read_tags` has the tags for each reading of its class."""

    event: Event
    read_tags: Sequence[ReadTags]


class PreparedBatch(Struct):
    """The events of a batch, and the folds that judging them reads, by tag."""

    events: Sequence[PreparedEvent]
    needs: Mapping[str, Folds]


class Prerequisites(Struct):
    """What an early event may be waiting for: an event of certain types with a tag, by tag; or one of an identity."""

    types: Mapping[str, Collection[type[Event]]]
    identities: Collection[tuple[str, str]]

    def may_be(self, event: Event) -> bool:
        """Report whether an event may be one of them."""
        found = any(type(event) in self.types.get(tag, ()) for tag in tags(event))
        return found or (event.source, event.id) in self.identities


class BatchReads:
    """The types that a batch's decisions read of each tag, as an append condition wants them; computed when asked."""

    def __init__(
        self,
        needs: Mapping[str, Folds],
        tags_of: Callable[[int], Sequence[str]],
        behind: Mapping[int, Collection[int]],
    ) -> None:
        self._needs, self._tags_of, self._behind = needs, tags_of, behind

    def get(self, tag: int, /) -> frozenset[int] | None:
        """Return the keys of the types that were read of the tag with this key."""
        folds = {fold for each in self._tags_of(tag) for fold in self._needs.get(each, ())}
        return frozenset(self._behind.get(tag, ())).union(*map(read_types, folds)) or None


class Judge:
    """Judges batches over warm folds. It appends nothing: the caller does, and reports what was not appended."""

    def __init__(
        self, rules: Mapping[Rule, str], warm: WarmFolds, revisions: Sequence[Revision] = ()
    ) -> None:
        self._warm = warm
        folds = tuple(dict.fromkeys(each.fold for rule in (*rules, *revisions) for each in rule.readings))
        self._plans = {cls: JudgingPlan(cls, rules, revisions, folds) for cls in names()}
        self._fitting = FittingIn(Readers(self._plans), warm.histories)
        self._unions: dict[tuple[Folds, Folds], Folds] = {}
        self._needs: dict[str, Folds] = {}

    def prepare(self, events: Iterable[Event]) -> PreparedBatch:
        """Prepare to judge these events, in order: make all states that their rules read warm."""
        batch, needs = [], dict[str, Folds]()
        for event in events:
            plan = self._plans[type(event)]
            prepared = PreparedEvent(event, [get(event) for get in plan.getters])
            batch.append(prepared)
            self._add_needs(prepared, plan, needs)
        self._warm.begin(needs)
        self._fitting.begin()
        self._needs = needs
        return PreparedBatch(batch, needs)

    def _add_needs(self, prepared: PreparedEvent, plan: JudgingPlan, needs: dict[str, Folds]) -> None:
        for read, folds in zip(prepared.read_tags, plan.reads, strict=True):
            for tag in (read,) if isinstance(read, str) else read or ():
                if needs.setdefault(tag, folds) is not folds:
                    needs[tag] = self._union(needs[tag], folds)

    def _union(self, some: Folds, others: Folds) -> Folds:
        """Return the folds of both; the same tuple for the same pair, which a slot then recognises."""
        found = self._unions.get((some, others))
        if found is None:
            together = tuple(dict.fromkeys((*some, *others)))
            found = self._unions[some, others] = some if len(together) == len(some) else together
        return found

    def reads(self, batch: PreparedBatch) -> BatchReads:
        """Return what the decisions on a batch rest on, for an append condition."""
        return BatchReads(batch.needs, self._warm.tags_of, self._fitting.reads)

    def refusal(self, prepared: PreparedEvent, *, dry_run: bool = False) -> Refused | None:
        """Return why an event is refused, None if it is admitted; a dry run leaves out the rules in `not_tried`."""
        plan = self._plans[type(prepared.event)]
        found, then = self._found(prepared, plan)
        for check in plan.checks:
            if dry_run and check.hashed:
                continue
            try:
                check.judge(prepared.event, found, then)
            except Refused as refused:
                refused.rule = check.identity
                return refused
        return None

    def not_tried(self, event: Event) -> tuple[str, ...]:
        """Return the rules that a dry run leaves out: those on hashed tags, which would confirm a guessed number."""
        carried = {tag.partition(":")[0] for tag in tags(event)}
        checks = self._plans[type(event)].checks
        return tuple(
            each.identity
            for each in checks
            if each.hashed and any(fold.tag in carried for _, fold, _ in each.reads)
        )

    def late_step(self, prepared: PreparedEvent) -> bool:
        """Report whether an event is a step that others of the same course follow."""
        when = prepared.event.occurred_at
        for index, fold in self._plans[type(prepared.event)].steps:
            read = prepared.read_tags[index]
            for tag in (read,) if isinstance(read, str) else read or ():
                if when < self._warm.slot(tag).at[fold]:
                    return True
        return False

    def merges(self, event: Event) -> Refused | None:
        """Return why the numbers that an event merges cannot be one, None if they can or it merges none."""
        return self._fitting.refusal_of_merge(event) if begins_alias(type(event)) else None

    def fits_in(self, events: Sequence[Event]) -> Refused | None:
        """Return why events that the batch has admitted do not fit in together before what follows them."""
        return self._fitting.refusal_of_all(events)

    def fits_in_alone(self, event: Event) -> Refused | None:
        """Return why a step that is not admitted yet does not fit in before what follows it."""
        return self._fitting.refusal(event)

    def revised(self, prepared: PreparedEvent) -> PreparedEvent:
        """Return an event of the batch as it would have been on this history."""
        plan = self._plans[type(prepared.event)]
        for each in plan.revisions:
            try:
                event = each.judge(prepared.event, *self._found(prepared, plan))
            except Refused:
                continue  # no published data says otherwise: the rules will decide
            if event is not None and event != prepared.event:
                prepared = PreparedEvent(event, [get(event) for get in plan.getters])
                needs: dict[str, Folds] = {}
                self._add_needs(prepared, plan, needs)
                self._add_needs(prepared, plan, self._needs)
                self._warm.load({tag: self._needs[tag] for tag in needs})
        return prepared

    def prerequisites(self, prepared: PreparedEvent, rule: str) -> Prerequisites:
        """Return what may yet make a rule admit an event: whatever changes the histories that the rule reads for it."""
        types: dict[str, Collection[type[Event]]] = {}
        for check in self._plans[type(prepared.event)].checks:
            if check.identity == rule:
                for index, fold, _ in check.reads:
                    read = prepared.read_tags[index]
                    for tag in (read,) if isinstance(read, str) else read or ():
                        types[tag] = {*types.get(tag, ()), *fold.events}
        return Prerequisites(types, cited(prepared.event))

    def _found(self, prepared: PreparedEvent, plan: JudgingPlan) -> tuple[Sequence[States], Sequence[States]]:
        """Return the states for each reading of an event: of all that is recorded, and of what had occurred by then."""
        found: list[States] = []
        when, late = prepared.event.occurred_at, False
        for read in prepared.read_tags:
            if isinstance(read, str):
                slot = self._warm.slot(read)
                late = late or when < slot.latest
                found.append(slot.states)
            elif read is None:
                found.append(_STARTING_STATES)
            else:
                slots = [self._warm.slot(tag) for tag in read]
                late = late or any(when < slot.latest for slot in slots)
                found.append(_StateLists([slot.states for slot in slots]))
        if not late:
            return found, found
        return found, [
            self._then(read, folds, when) for read, folds in zip(prepared.read_tags, plan.reads, strict=True)
        ]

    def _then(self, read: ReadTags, folds: Folds, when: int) -> States:
        if isinstance(read, str):
            return self._warm.then(read, folds, when)
        if read is None:
            return _STARTING_STATES
        return _StateLists([self._warm.then(tag, folds, when) for tag in read])

    def admit(self, event: Event) -> None:
        """Let an admitted event of the batch change the warm states."""
        plan = self._plans[type(event)]
        if plan.rewrites:
            self._warm.rewrite(event, tags(event))
        else:
            self._warm.evolve(event, tags(event), plan.changes)

    def forget(self, events: Iterable[Event]) -> None:
        """Drop the states that these events have changed: they were admitted, but not appended after all."""
        self._warm.forget(tag for event in events for tag in tags(event))

    def outdated(self, change: Change) -> None:
        """Drop the states that an event of another writer may change."""
        self._warm.outdated(change.tags, change.type)

    def shrink(self) -> None:
        """Drop warm states until the rest fit the bound."""
        self._warm.shrink()

    def clear(self) -> None:
        """Drop all warm states."""
        self._warm.clear()
