"""Fold batches of the log into the rows of many read models: what following and rebuilding have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from events.alias import alias_of
from events.catalogue import by_name, names
from events.entry import key
from events.event import Event
from projections.read_model import Key, tag_values
from streams.history.aliases import REWRITING, Names, Renamed, renaming
from streams.history.decoding import Item, Unreadable, decode
from streams.history.refold import AFTER, Past, Refolded, reason, refold, refold_events
from streams.history.version import rewrites_rows, subscription
from streams.ports import Codec, History, Log
from streams.project.model_state import Plan, Todo
from streams.project.row_cache import Keyer, Value, keyer, only_value, values_of
from streams.read_ports import Held, Line, ReadTransaction, Unstorable

MOST_REFOLDED = 20_000
"""After so many events were folded afresh for rewriting events, the rest of a batch waits for the next transaction."""


class Folding:
    """Folds batches into the rows of its plans, each plan only what lies behind its position.

    `names` are the aliases as of the batch's start, and move with it. A rebuild from nothing is given those
    of its end instead, with `renames` off: then rows need not be folded afresh. `mine` chooses the values of
    tags whose rows are folded here.
    """

    def __init__(
        self,
        log: Log,
        codec: Codec,
        plans: Iterable[Plan],
        names_: Names,
        *,
        renames: bool = True,
        mine: Callable[[str], bool] | None = None,
    ) -> None:
        self._log, self._codec, self.plans = log, codec, tuple(plans)
        self.names, self._mine = names_, mine
        self.renamed: list[Renamed] = []
        self._last = names_.position
        self._refolded = 0
        self._barriers: Collection[type[Event]] = REWRITING if renames else ()
        self._routes: dict[type[Event], list[tuple[Plan, Value | None, Keyer]]] = {}
        for plan in self.plans:
            for cls in plan.model.fold.events:
                route = plan, only_value(plan.model, cls), keyer(plan.model, cls)
                self._routes.setdefault(cls, []).append(route)

    @property
    def types(self) -> tuple[str, ...]:
        """The wire names of all events that matter."""
        return tuple(sorted(frozenset[str]().union(*(plan.types for plan in self.plans))))

    def apply(
        self, items: Sequence[Item], store: ReadTransaction, tags_at: Callable[[int], Sequence[int]]
    ) -> int:
        """Fold decoded entries, in order, and return how many; rows are looked for in the store.

        All of them are folded, unless rewriting events among them ask for more than a short transaction can do.
        """
        segment: list[Event] = []
        refolded, taken = self._refolded, 0
        for item in items:
            taken += 1
            if isinstance(item, Unreadable):
                self._fold(segment, store)
                self._hold_unreadable(item, tags_at)
                segment = []
            elif type(item) in self._barriers:
                self._fold(segment, store)
                self._rewrite(item, store)
                segment = [item]
                if self._refolded - refolded > MOST_REFOLDED:
                    break
            else:
                segment.append(item)
        self._fold(segment, store)
        if taken:
            self._last = max(self._last, items[taken - 1].position)
        return taken

    def write(self, store: ReadTransaction, most: int | None = None) -> bool:
        """Write at most so many changed rows of each model; tell whether there are more."""
        for plan in self.plans:
            lines, gone = plan.rows.take(most)
            try:
                store.write(plan.table, lines)
            except Unstorable as error:
                for value in sorted({each[0] for each in error.keys}):
                    self.refold(plan, value, self._last, store)
                plan.rows.again(lines)
            if gone:
                store.delete(plan.table, gone)
        return any(plan.rows.changed for plan in self.plans)

    def settle(self, store: ReadTransaction) -> None:
        """Write all that has changed, what is held, and the new aliases."""
        while self.write(store):
            pass
        for plan in self.plans:
            if plan.released:
                store.release(plan.model.name, plan.released)
            if plan.news:
                store.hold(plan.model.name, plan.news)
                plan.check(len(store.held(plan.model.name)))
            plan.released, plan.news = [], []
        if self.renamed:
            store.rename(self.renamed)
            self.renamed = []

    def refold(self, plan: Plan, value: str, upto: int, store: ReadTransaction) -> None:
        """Fold the rows of a value afresh as of a position; what is held of it is found again."""
        folded = refold(plan.model, value, Past(self._log, self._codec, upto=upto))
        _replace(plan, [value], [folded], store)

    def _refold_all(
        self, plans: Sequence[Plan], values: Sequence[str], upto: int, store: ReadTransaction
    ) -> None:
        """The same for many values of one kind in many models, whose histories are read at once."""
        types = tuple(dict.fromkeys(each for plan in plans for each in subscription(plan.model)))
        past = Past(self._log, self._codec, upto=upto)
        histories = past.apart({plans[0].tag(value): types for value in values})
        self._refolded += len(plans) * sum(len(each.events) for each in histories.values())
        for plan in plans:
            folded = [refold_events(plan.model, each, histories[plan.tag(each)]) for each in values]
            _replace(plan, values, folded, store)

    def retry(self, plan: Plan, tag: int, store: ReadTransaction) -> None:
        """Fold the rows of a held tag afresh as of the plan's position; release it if all can be taken now."""
        entries = self._log.histories([History(tag, tuple(map(key, plan.types)))])
        items = [each for each in decode(self._codec, entries) if each.position <= plan.position]
        values = {
            value
            for each in items
            if not isinstance(each, Unreadable)
            for value in values_of(plan.model, each)
            if key(plan.tag(value)) == tag
        }
        for value in self._chosen(values):
            self.refold(plan, value, plan.position, store)
        if not values and not any(isinstance(each, Unreadable) for each in items):
            plan.release(tag)

    def _fold(self, segment: Iterable[Event], store: ReadTransaction) -> None:
        routes = self._routes
        for event in segment:
            position = event.position
            for plan, value, keys in routes.get(type(event), ()):
                if position <= plan.position:
                    continue
                if value:
                    plan.todo.append(((value(event),), event))
                    continue
                try:
                    plan.todo.extend([(key_, event) for key_ in keys(event)])
                except Exception as error:  # noqa: BLE001 - the event is held with it
                    self._fold_rows([plan], store)
                    self._hold_whole(plan, event, error)
        self._fold_rows(self.plans, store)

    def _resolved(self, plan: Plan) -> Todo:
        """Put rows under the names that their values have in the end; leave out those of other processes."""
        kind, mine, todo = plan.model.fold.tag, self._mine, plan.todo
        plan.todo = []
        into = self.names.of(kind)
        if into and any(key_[0] in into for key_, _ in todo):
            root = self.names.root
            renamed = [
                ((root(kind, key_[0]), *key_[1:]) if key_[0] in into else key_, event) for key_, event in todo
            ]
            # An event that carries both names of one value changes its row once.
            todo = list({(key_, event.position): (key_, event) for key_, event in renamed}.values())
        return todo if mine is None else [each for each in todo if mine(each[0][0])]

    def _fold_rows(self, plans: Iterable[Plan], store: ReadTransaction) -> None:
        """Fold what is to do, once the rows that it changes are in memory; they are asked for all at once."""
        folding = [(plan, self._resolved(plan)) for plan in plans if plan.todo]
        missing = [
            (plan, plan.rows.missing(dict.fromkeys([key_ for key_, _ in todo])))
            for plan, todo in folding
            if not plan.fresh
        ]
        found = store.load_all([(plan.table, keys) for plan, keys in missing])
        for (plan, keys), lines in zip(missing, found, strict=True):
            plan.rows.put(keys, lines)
        for plan, todo in folding:
            self._fold_todo(plan, todo, store)

    def _fold_todo(self, plan: Plan, todo: Todo, store: ReadTransaction) -> None:
        young, changed = plan.rows.young, plan.rows.changed
        start, evolve = plan.model.row, plan.model.fold.evolve
        for key_, event in todo:
            if plan.held and self._is_held(plan, key_[0], event):
                continue
            line = young.get(key_)
            if line is None:
                line = young[key_] = Line(start(*key_), 0)
            try:
                removed = evolve(line.row, event)
            except Exception as error:  # noqa: BLE001 - the event is held with it
                self._hold(plan, key_[0], event, error, store)
                continue
            if removed is not None:
                young[key_] = None
                changed[key_] = None
                continue
            line.position = event.position
            if not line.changed:
                line.changed = True
                changed[key_] = None

    def _chosen(self, values: Iterable[str]) -> list[str]:
        """Return those of the values whose rows are folded here."""
        mine = self._mine
        return [each for each in values if mine is None or mine(each)]

    def _is_held(self, plan: Plan, value: str, event: Event) -> bool:
        tag = plan.tag(value)
        number = key(tag)
        if number not in plan.held:
            return False
        plan.hold(Held(number, tag, event.position, names()[type(event)], AFTER))
        return True

    def _hold(self, plan: Plan, value: str, event: Event, error: Exception, store: ReadTransaction) -> None:
        """Hold an event of a value; its rows go back to what they were before it."""
        self.refold(plan, value, max(event.position, self.names.position), store)
        tag = plan.tag(value)
        if key(tag) not in plan.held:
            plan.hold(Held(key(tag), tag, event.position, names()[type(event)], reason(error)))

    def _hold_whole(self, plan: Plan, event: Event, error: Exception) -> None:
        """Hold an event of which not even the rows that it changes can be told."""
        kind = plan.model.fold.tag
        roots = {self.names.root(kind, each): None for each in values_of(plan.model, event)}
        for value in self._chosen(roots):
            tag = plan.tag(value)
            plan.hold(Held(key(tag), tag, event.position, names()[type(event)], reason(error)))

    def _hold_unreadable(self, item: Unreadable, tags_at: Callable[[int], Sequence[int]]) -> None:
        """Hold an entry for all its tags, of whatever kind: which of them is the model's cannot be told."""
        known = item.type in by_name()
        for plan in self.plans:
            if item.position > plan.position and (item.type in plan.types or not known):
                kind = plan.model.fold.tag
                roots = {
                    key(plan.tag(name)): key(plan.tag(self.names.root(kind, name)))
                    for name in self.names.of(kind)
                }
                for tag in tags_at(item.position):
                    plan.hold(Held(roots.get(tag, tag), None, item.position, item.type, item.reason))

    def _rewrite(self, event: Event, store: ReadTransaction) -> None:
        if alias_of(type(event)):
            self._rename(event, store)
        else:
            self._take_back(event, store)

    def _take_back(self, event: Event, store: ReadTransaction) -> None:
        """Fold all rows that may rest on what an event takes back afresh, without it."""
        behind = [each for each in self.plans if event.position > each.position]
        plans = [plan for plan in behind if rewrites_rows(plan.model, event)]
        for kind in sorted({plan.model.fold.tag for plan in plans}):
            values = {self.names.root(kind, value) for value in tag_values(event, kind)}
            if mine := sorted(self._chosen(values)):
                those = [plan for plan in plans if plan.model.fold.tag == kind]
                self._refold_all(those, mine, event.position, store)
        for plan in plans:
            plan.position = event.position

    def _rename(self, event: Event, store: ReadTransaction) -> None:
        """Fold the rows of all values that an alias event touches afresh, as of this event."""
        kind, values = self.names.advance(event)
        self.renamed.append(renaming(event))
        plans = [
            plan for plan in self.plans if plan.model.fold.tag == kind and event.position > plan.position
        ]
        if plans:
            values = sorted(self._chosen({*values, *values_of(plans[0].model, event)}))
            self._refold_all(plans, values, event.position, store)
        for plan in plans:
            plan.position = event.position


def _replace(plan: Plan, values: Sequence[str], folded: Sequence[Refolded], store: ReadTransaction) -> None:
    """Make what was folded afresh the rows of these values."""
    known: Iterable[Key] = [(value,) for value in values]
    if plan.model.parts:
        known = () if plan.fresh else store.of_tags(plan.table, values)
    for value, each in zip(values, folded, strict=True):
        plan.release(key(plan.tag(value)))
        plan.rows.replace(value, each.lines, [key_ for key_ in known if key_[0] == value])
        for held in each.held:
            plan.hold(held)
