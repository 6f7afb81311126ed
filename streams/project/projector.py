"""The projector: follows the log and keeps the read models up to date, exactly once in effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Event as Flag
from typing import Any

from events.entry import Stored, key
from projections.read_model import ReadModel
from streams.history.aliases import Aliases
from streams.history.decoding import Decoded, decode
from streams.history.version import digest
from streams.ports import Codec, Log
from streams.project.folding import Folding
from streams.project.model_state import ModelState
from streams.project.share import WHOLE, Share
from streams.project.stride import Stride
from streams.read_ports import Bookmark, BookmarkName, ReadStore, ReadTransaction, Sums, Table

BATCH = 5000
"""Entries folded in one transaction: enough to share its cost, few enough for a fraction of a second."""
POLL_SECONDS = 0.01
"""Between two looks at a log that has not grown: the delay that polling adds to a row."""
CALM_POLLS = 100
"""Polls without a new entry, a second of them, after which the bookmarks are read from the store again."""
WARM_BYTES = 64 * 1024 * 1024
"""Memory for rows. More means fewer rows read back from the database."""
WEIGHED_EVERY = 1000
"""Entries after which the rows in memory are weighed."""


class Repartitioned(Exception):
    """A read model has another number of partitions than this projector: start again with as many."""

    def __init__(self, model: str, found: int, expected: int) -> None:
        super().__init__(f"the read model '{model}' has {found} partitions, and not {expected}")


class Projector:
    """Folds new events into the live tables of the models that have this code's digest: one share of their rows.

    New events are read from the log (`run`, `step`) or passed in (`take`). Used by one thread; any number of
    processes may have one each. Rows, bookmarks and what is held change in one transaction. After any error it
    forgets what it has in memory, and resumes from the bookmarks.
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
        stride: Stride | None = None,
    ) -> None:
        self._log, self._codec, self._store = log, codec, store
        self._models, self._share, self._bound = tuple(models), share, bound
        self._stride = stride or Stride()
        self.bookmarks = [self._bookmark(each.name) for each in self._models]
        self._states: dict[str, ModelState] = {}
        self._others = Sums()
        """Of the bookmarks whose live tables are of another version of their models."""
        self._aliases: Aliases | None = None
        self._folding: Folding | None = None
        self._unweighed = 0

    def run(self, stop: Flag, wake: Flag | None = None) -> None:
        """Follow the log until `stop` is set; `wake` announces new events before the next poll."""
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
        """Fold one batch of the log; return how many entries it took, 0 if there was nothing new."""
        try:
            return self._step()
        except BaseException:
            self.forget()
            raise

    def take(self, entries: Sequence[Stored], after: int, upto: int) -> None:
        """Fold `entries`, all that this share has in after < position <= upto, and all alias events of its kind.

        What lies behind a bookmark is skipped; what is missing between a bookmark and `after` is read from the log.
        """
        try:
            self._take(entries, after, upto)
        except BaseException:
            self.forget()
            raise

    def skip(
        self, live: Mapping[BookmarkName, Bookmark], after: int, upto: int
    ) -> Sequence[BookmarkName] | None:
        """Pass over a range in which this share has nothing; `live` are its bookmarks, locked if any are to move.

        Return the bookmarks to be moved to `upto` in the same transaction, or None if something is missing
        before `after`: then the range has to be taken.
        """
        self._align(live, None)
        if any(state.position < after for state in self._states.values()):
            return None
        if self._aliases and after <= self._aliases.position < upto:
            self._aliases.position = (
                upto  # alias events go to all partitions of the kind: none are in the range
            )
        passing = [state for state in self._states.values() if state.position < upto]
        for state in passing:
            state.position = upto
        return [self._bookmark(state.model.name) for state in passing]

    @property
    def position(self) -> int:
        """The position that all its models have reached."""
        return min((state.position for state in self._states.values()), default=0)

    @property
    def known(self) -> bool:
        """Whether it has read models, and knows their positions."""
        return bool(self._states)

    def look(self) -> bool:
        """Read the bookmarks, unless they are known; report whether there are any."""
        if not self.known:
            self.look_again()
        return self.known

    def look_again(self) -> None:
        """Read the bookmarks: a database that crashed may have lost its last moments."""
        try:
            with self._store.transaction() as store:
                self._align(store.bookmarks(self.bookmarks), None)
        except BaseException:
            self.forget()
            raise

    def retry(self, model: str) -> int:
        """Refold the held tags of a model; return how many were released."""
        self.forget()
        with self._store.transaction() as store:
            self._align(store.lock(self.bookmarks), store)
            state = self._states.get(model)
            if state is None:
                raise LookupError(f"no live table of the read model '{model}' has this version")
            released = self._retry(state, store)
        self.forget()
        return released

    def forget(self) -> None:
        """Drop what is in memory."""
        self._states, self._aliases, self._folding = {}, None, None

    def _bookmark(self, model: str) -> BookmarkName:
        return model, self._share.number

    def _step(self) -> int:
        self.look()
        after = self.position
        if not self._states or self._log.head() <= after:
            return 0
        batch = self._log.read(after, limit=self._stride.of(BATCH))
        self._fold(decode(self._codec, batch), after, batch[-1].position)
        return len(batch)

    def _take(self, entries: Sequence[Stored], after: int, upto: int) -> None:
        while self.look() and (behind := self.position) < upto:
            if behind < after:
                self._catch_up(behind, after)
            else:
                new = [each for each in entries if each.position > behind]
                part = new[: self._stride.of(BATCH)]
                end = upto if len(part) == len(new) else part[-1].position
                self._fold(decode(self._codec, part), behind, end)

    def _catch_up(self, after: int, upto: int) -> None:
        """Read a range from the log and fold it."""
        types = frozenset[str]().union(*(state.types for state in self._states.values()))
        for batch in self._log.tail(after, upto, [key(each) for each in types]):
            self._fold(decode(self._codec, batch), after, batch[-1].position)
            after = batch[-1].position
        self._fold((), after, upto)

    def _fold(self, items: Sequence[Decoded], after: int, upto: int) -> None:
        """Fold a range in one transaction, for the models whose bookmarks are in it."""
        aliases = self._aliases = Aliases.as_of(self._aliases, self._log, self._codec, after)
        with self._stride.taken(), self._store.transaction() as store:
            if store.lock_sums(self.bookmarks) != self._sums():
                self._align(store.bookmarks(self.bookmarks), store)
            states = [state for state in self._states.values() if after <= state.position < upto]
            if not states:
                return
            folding = self._folding_of(states, aliases)
            folding.apply(items, store, self._store.tags_at)
            folding.settle(store)
            store.move({self._bookmark(state.model.name): upto for state in states})
            store.announce(upto)
        for state in states:
            state.position, state.epoch = upto, state.epoch + 1
        aliases.position = upto
        self._shrink(upto - after)

    def _folding_of(self, states: Sequence[ModelState], aliases: Aliases) -> Folding:
        """Return the folding of these states: mostly that of the batch before."""
        known = self._folding
        if known is None or known.states != tuple(states) or known.aliases is not aliases:
            known = self._folding = Folding(
                self._log, self._codec, states, aliases, share=self._share, aside=self._stride
            )
        return known

    def _align(self, live: Mapping[BookmarkName, Bookmark], store: ReadTransaction | None) -> None:
        """Resume from the store's bookmarks; rows in memory stay valid only if nobody else has changed them."""
        states: dict[str, ModelState] = {}
        others: list[Bookmark] = []
        for model in self._models:
            found = live.get(self._bookmark(model.name))
            if found is None:
                continue
            if found.digest != digest(model):
                others.append(found)
                continue
            if found.partitions != self._share.of:
                raise Repartitioned(model.name, found.partitions, self._share.of)
            state = self._states.get(model.name)
            if state is None or not _same(state, found):
                state = ModelState(Table(model, found.table), found.position, found.epoch)
            if store and not state.held_loaded:
                state.load_held(store.held(model.name, state.position), store.marks(model.name))
            states[model.name] = state
        self._states, self._others = states, Sums.of(others)

    def _sums(self) -> Sums | None:
        """Return the sums of its bookmarks if nobody else moves any; None if they are to be read anyway."""
        states = self._states.values()
        if not all(state.held_loaded for state in states):
            return None
        return Sums(
            self._others.count + len(states),
            self._others.epochs + sum(state.epoch for state in states),
            self._others.positions + sum(state.position for state in states),
        )

    def _retry(self, state: ModelState, store: ReadTransaction) -> int:
        before = len(state.held)
        aliases = Aliases.load(self._log, self._codec, state.position)
        folding = Folding(self._log, self._codec, [state], aliases, share=self._share)
        folding.quarantine.retry(state, store)
        folding.settle(store)
        store.move({self._bookmark(state.model.name): state.position})
        store.announce(state.position)
        released = before - len(state.held)
        store.retried(state.model.name, released, len(state.held))
        return released

    def _shrink(self, entries: int) -> None:
        """Drop rows that were not used lately if too much is in memory; look once in a while."""
        self._unweighed += entries
        if self._unweighed < WEIGHED_EVERY:
            return
        self._unweighed = 0
        if sum(state.rows.bytes() for state in self._states.values()) > self._bound // 2:
            for state in self._states.values():
                state.rows.rotate()


def _same(state: ModelState, found: Bookmark) -> bool:
    return (state.table.name, state.position, state.epoch) == (found.table, found.position, found.epoch)
