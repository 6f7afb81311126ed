"""Project: follow the log and keep all read models up to date, exactly once in effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Event as Flag
from typing import Any

from events.entry import Stored, key
from projections.read_model import ReadModel
from streams.history.aliases import Names
from streams.history.decoding import Item, decode
from streams.history.version import digest
from streams.ports import Codec, Log
from streams.project.folding import Folding
from streams.project.model_state import Plan
from streams.project.share import WHOLE, Share
from streams.read_ports import Live, Mark, ReadStore, ReadTransaction, Table

BATCH = 5000
POLL_SECONDS = 0.01
CALM_POLLS = 100
"""After so many looks at a log that does not grow, what is in memory is compared with the store again."""
WARM_BYTES = 64 * 1024 * 1024


class Repartitioned(Exception):
    """A read model has another number of partitions than expected: who folds so has to begin anew."""

    def __init__(self, model: str, found: int, expected: int) -> None:
        super().__init__(f"the read model '{model}' has {found} partitions, and not {expected}")


class Projector:
    """Folds what is new into the live tables of the models that have this code's digest, one share of their rows.

    What is new is read from the log (`run`, `step`), or comes from elsewhere (`take`). One thread uses it; any
    number of processes may have one each. Rows, bookmarks and what is held change in one transaction.
    Whatever it raises, it forgets what it had in memory, and goes on from the bookmarks.
    """

    def __init__(
        self,
        log: Log,
        codec: Codec,
        store: ReadStore,
        models: Sequence[ReadModel[Any]],
        *,
        share: Share = WHOLE,
        bound: int = WARM_BYTES,
    ) -> None:
        self._log, self._codec, self._store = log, codec, store
        self._models, self._share, self._bound = tuple(models), share, bound
        self.marks = [self._mark(each.name) for each in self._models]
        self._plans: dict[str, Plan] = {}
        self._names: Names | None = None
        self._folding: Folding | None = None

    def run(self, stop: Flag, wake: Flag | None = None) -> None:
        """Follow the log until told to stop; `wake` tells of new events before the next look."""
        waiting, calm = wake or stop, 0
        while not stop.is_set():
            if self.step():
                calm = 0
                continue
            calm += 1
            if calm % CALM_POLLS == 0:
                self.look_again()
            waiting.wait(POLL_SECONDS)
            if wake:
                wake.clear()

    def step(self) -> int:
        """Fold one batch of the log; return how many entries it took, 0 where there was nothing new."""
        try:
            return self._step()
        except BaseException:
            self.forget()
            raise

    def take(self, entries: Sequence[Stored], after: int, upto: int) -> None:
        """Fold `entries`, all that this share has of after < position <= upto, with all about names of its kind.

        What lies behind a bookmark is skipped; what is missing between a bookmark and `after` is read from the log.
        """
        try:
            self._take(entries, after, upto)
        except BaseException:
            self.forget()
            raise

    def skip(self, live: Mapping[Mark, Live], after: int, upto: int) -> Sequence[Mark] | None:
        """Pass over a stretch in which this share has nothing; `live` are its bookmarks, locked if any are moved.

        Returns the bookmarks that are to be moved to `upto` in the same transaction; None where something is
        missing before `after`: then the stretch has to be taken.
        """
        self._agree(live, None)
        if any(plan.position < after for plan in self._plans.values()):
            return None
        if self._names and after <= self._names.position < upto:
            self._names.position = upto  # what is said of other names goes to all partitions of the kind
        passing = [plan for plan in self._plans.values() if plan.position < upto]
        for plan in passing:
            plan.position = upto
        return [self._mark(plan.model.name) for plan in passing]

    @property
    def position(self) -> int:
        """The position that all its models have reached."""
        return min((plan.position for plan in self._plans.values()), default=0)

    @property
    def known(self) -> bool:
        """Whether it has read models, and knows how far they are."""
        return bool(self._plans)

    def look(self) -> bool:
        """Find out how far its models are, unless that is known; tell whether it has any."""
        if not self.known:
            self.look_again()
        return self.known

    def look_again(self) -> None:
        """See what the store has: a database that was killed may have lost its last moments."""
        try:
            with self._store.transaction() as store:
                self._agree(store.bookmarks(self.marks), None)
        except BaseException:
            self.forget()
            raise

    def retry(self, model: str) -> int:
        """Fold the held tags of a model afresh; return how many could be released."""
        self.forget()
        with self._store.transaction() as store:
            self._agree(store.lock(self.marks), store)
            plan = self._plans.get(model)
            if plan is None:
                raise LookupError(f"no live table of the read model '{model}' has this version")
            released = self._retry(plan, store)
        self.forget()
        return released

    def forget(self) -> None:
        """Drop what it has in memory."""
        self._plans, self._names, self._folding = {}, None, None

    def _mark(self, model: str) -> Mark:
        return model, self._share.number

    def _step(self) -> int:
        self.look()
        after = self.position
        if not self._plans or self._log.head() <= after:
            return 0
        batch = self._log.read(after, limit=BATCH)
        return self._fold(decode(self._codec, batch), after, batch[-1].position)

    def _take(self, entries: Sequence[Stored], after: int, upto: int) -> None:
        while self.look() and (behind := self.position) < upto:
            if behind < after:
                self._catch_up(behind, after)
            else:
                new = [each for each in entries if each.position > behind]
                self._fold_all(decode(self._codec, new), behind, upto)

    def _catch_up(self, after: int, upto: int) -> None:
        """Fold a stretch of the log."""
        types = frozenset[str]().union(*(plan.types for plan in self._plans.values()))
        for batch in self._log.tail(after, upto, [key(each) for each in types]):
            self._fold_all(decode(self._codec, batch), after, batch[-1].position)
            after = batch[-1].position
        self._fold_all((), after, upto)

    def _fold_all(self, items: Sequence[Item], after: int, upto: int) -> None:
        """Fold a stretch, in several transactions where one would take too long."""
        taken = self._fold(items, after, upto)
        while taken < len(items):
            after, items = items[taken - 1].position, items[taken:]
            taken = self._fold(items, after, upto)

    def _fold(self, items: Sequence[Item], after: int, upto: int) -> int:
        """Fold a stretch in one transaction, for those models whose bookmarks are in it; return how many items."""
        names = self._names_at(after)
        with self._store.transaction() as store:
            self._agree(store.lock(self.marks), store)
            plans = [plan for plan in self._plans.values() if after <= plan.position < upto]
            if not plans:
                return len(items)
            folding = self._folding_of(plans, names)
            taken = folding.apply(items, store, self._store.tags_at)
            last = upto if taken == len(items) else items[taken - 1].position
            plans = [plan for plan in plans if plan.position <= last]
            folding.settle(store)
            store.move({self._mark(plan.model.name): last for plan in plans})
            store.announce(last)
        for plan in plans:
            plan.position, plan.epoch = last, plan.epoch + 1
        names.position = last
        self._shrink()
        return taken

    def _names_at(self, position: int) -> Names:
        """Return the aliases as of a position."""
        names = self._names
        if names is None or names.position > position:
            names = self._names = Names.load(self._log, self._codec, position)
        elif names.position < position:
            names.forward(self._log, self._codec, position)
        return names

    def _folding_of(self, plans: Sequence[Plan], names: Names) -> Folding:
        """Return the folding of these plans: as a rule that of the batch before."""
        known = self._folding
        if known is None or known.plans != tuple(plans) or known.names is not names:
            known = self._folding = Folding(self._log, self._codec, plans, names, mine=self._share.mine)
        return known

    def _agree(self, live: Mapping[Mark, Live], store: ReadTransaction | None) -> None:
        """Go on from what the store says; rows in memory count only where nobody else has changed theirs."""
        plans: dict[str, Plan] = {}
        for model in self._models:
            found = live.get(self._mark(model.name))
            if found is None or found.digest != digest(model):
                continue
            if found.partitions != self._share.of:
                raise Repartitioned(model.name, found.partitions, self._share.of)
            plan = self._plans.get(model.name)
            if plan is None or not _same(plan, found):
                plan = Plan(Table(model, found.table), found.position, found.epoch)
            if store and not plan.agreed:
                plan.held, plan.agreed = dict(store.held(model.name, plan.position)), True
            plans[model.name] = plan
        self._plans = plans

    def _retry(self, plan: Plan, store: ReadTransaction) -> int:
        before = len(plan.held)
        names = Names.load(self._log, self._codec, plan.position)
        folding = Folding(self._log, self._codec, [plan], names, mine=self._share.mine)
        for tag in list(plan.held):
            folding.retry(plan, tag, store)
        folding.settle(store)
        store.move({self._mark(plan.model.name): plan.position})
        store.announce(plan.position)
        released = before - len(plan.held)
        store.retried(plan.model.name, released, len(plan.held))
        return released

    def _shrink(self) -> None:
        if sum(plan.rows.bytes() for plan in self._plans.values()) > self._bound // 2:
            for plan in self._plans.values():
                plan.rows.rotate()


def _same(plan: Plan, found: Live) -> bool:
    return (plan.table.name, plan.position, plan.epoch) == (found.table, found.position, found.epoch)
