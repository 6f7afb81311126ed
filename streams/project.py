"""Project: follow the log and keep all read models up to date, exactly once in effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Event as Flag
from typing import Any

from projections.read_model import ReadModel
from streams.digest import digest
from streams.folding import Folding, decode
from streams.names import Names
from streams.plan import Plan
from streams.ports import Codec, Log
from streams.read_ports import Live, ReadStore, ReadTransaction, Table

BATCH = 5000
POLL_SECONDS = 0.01
CALM_POLLS = 100
"""After so many looks at a log that does not grow, what is in memory is compared with the store again."""
WARM_BYTES = 64 * 1024 * 1024


class Projector:
    """Folds what is new in the log into the live tables of the models that have this code's digest.

    One thread uses it; any number of processes may have one each. Rows, bookmarks and what is held change
    in one transaction. Whatever it raises, it forgets what it had in memory, and goes on from the bookmarks.
    """

    def __init__(
        self,
        log: Log,
        codec: Codec,
        store: ReadStore,
        models: Sequence[ReadModel[Any]],
        *,
        partition: int = 0,
        bound: int = WARM_BYTES,
    ) -> None:
        self._log, self._codec, self._store = log, codec, store
        self._models, self._partition, self._bound = tuple(models), partition, bound
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
                self._look_again()
            waiting.wait(POLL_SECONDS)
            if wake:
                wake.clear()

    def step(self) -> int:
        """Fold one batch; return how many entries it took, 0 where there was nothing new."""
        try:
            return self._step()
        except BaseException:
            self._forget()
            raise

    def _look_again(self) -> None:
        """See what the store has: a database that was killed may have lost its last moments."""
        try:
            self._agree(self._store.live(self._partition), None)
        except BaseException:
            self._forget()
            raise

    @property
    def position(self) -> int:
        """The position that all its models have reached."""
        return min((plan.position for plan in self._plans.values()), default=0)

    def retry(self, model: str) -> int:
        """Fold the held tags of a model afresh; return how many could be released."""
        self._forget()
        with self._store.transaction() as store:
            self._agree(store.lock(self._partition), store)
            plan = self._plans.get(model)
            if plan is None:
                raise LookupError(f"no live table of the read model '{model}' has this version")
            released = self._retry(plan, store)
        self._forget()
        return released

    def _forget(self) -> None:
        self._plans, self._names, self._folding = {}, None, None

    def _step(self) -> int:
        if not self._plans:
            self._agree(self._store.live(self._partition), None)
        after = self.position
        if not self._plans or self._log.head() <= after:
            return 0
        batch = self._log.read(after, limit=BATCH)
        if self._names is None or self._names.position != after:
            self._names = Names.load(self._log, self._codec, after)
        items = decode(self._codec, batch)
        with self._store.transaction() as store:
            self._agree(store.lock(self._partition), store)
            plans = [plan for plan in self._plans.values() if after <= plan.position < batch[-1].position]
            folding = self._folding_of(plans, self._names)
            taken = folding.apply(items, store, self._store.tags_at)
            last = batch[taken - 1].position
            plans = [plan for plan in plans if plan.position <= last]
            folding.settle(store)
            store.move([plan.model.name for plan in plans], self._partition, last)
            store.announce(last)
        for plan in plans:
            plan.position, plan.epoch = last, plan.epoch + 1
        self._names.position = last
        self._shrink()
        return taken

    def _folding_of(self, plans: Sequence[Plan], names: Names) -> Folding:
        """Return the folding of these plans: as a rule that of the batch before."""
        known = self._folding
        if known is None or known.plans != tuple(plans) or known.names is not names:
            known = self._folding = Folding(self._log, self._codec, plans, names)
        return known

    def _agree(self, live: Mapping[str, Live], store: ReadTransaction | None) -> None:
        """Go on from what the store says; rows in memory count only where nobody else has changed theirs."""
        plans: dict[str, Plan] = {}
        for model in self._models:
            found = live.get(model.name)
            if found is None or found.digest != digest(model):
                continue
            plan = self._plans.get(model.name)
            known = plan and Live(plan.table.name, found.digest, plan.position, plan.epoch)
            if plan is None or known != found:
                plan = Plan(Table(model, found.table), found.position, found.epoch)
            if store and not plan.agreed:
                plan.held, plan.agreed = dict(store.held(model.name)), True
            plans[model.name] = plan
        self._plans = plans

    def _retry(self, plan: Plan, store: ReadTransaction) -> int:
        before = len(plan.held)
        folding = Folding(self._log, self._codec, [plan], Names.load(self._log, self._codec, plan.position))
        for tag in list(plan.held):
            folding.retry(plan, tag, store)
        folding.settle(store)
        store.move([plan.model.name], self._partition, plan.position)
        store.announce(plan.position)
        released = before - len(plan.held)
        store.retried(plan.model.name, released, len(plan.held))
        return released

    def _shrink(self) -> None:
        if sum(plan.rows.bytes() for plan in self._plans.values()) > self._bound // 2:
            for plan in self._plans.values():
                plan.rows.rotate()
