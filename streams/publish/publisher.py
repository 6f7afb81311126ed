"""Publish: judge proposed events and append those that the rules admit, a group of requests at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from events.catalogue import names
from events.entry import key
from events.order import MOST_AHEAD
from events.rewriting import retracted, retractions_of
from streams.ports import (
    Change,
    Codec,
    Condition,
    History,
    IdentityTaken,
    Log,
    LogUnavailable,
    Mark,
    Ready,
    Stale,
    always,
    touches,
)
from streams.publish.citations import Citations
from streams.publish.judge import Judge
from streams.publish.new_keys import NO_KEYS, NewKeys
from streams.publish.request import (
    Admissible,
    IdentityConflict,
    Postponed,
    Recorded,
    Repeated,
    Request,
    Retracted,
)
from streams.publish.round import Item, Round, content

MOST_ROUNDS = 50
"""Rounds that a group may lose to other writers before it fails as unavailable. Each lost round is another writer's
success, so 50 in a row are overload, not bad luck."""

LOOKUPS_AFTER_REPEAT = 100
"""Duplicates come in bursts: after an append hits a taken identity, look identities up first for the next 100 groups.
A lookup costs one query; an append that hits a taken identity costs a failed transaction and another round."""


class Publisher:
    """Settles groups of requests. One thread uses it; its warm folds belong to this process alone."""

    def __init__(
        self, log: Log, codec: Codec, judge: Judge, clock: Callable[[], int], keys: NewKeys = NO_KEYS
    ) -> None:
        self._log, self._codec, self._judge, self._clock, self._keys = log, codec, judge, clock, keys
        self._seen, self._lookups = log.head(), 0

    def settle(
        self,
        group: Sequence[Request],
        marks: Callable[[], Sequence[Mark]] | None = None,
        ready: Ready = always,
    ) -> None:
        """Give every event of the group its verdict; those with the verdict `Recorded` are durable.

        `marks` is called once all events are judged, before the append, and again in each further round; the marks
        move in the append's transaction; nothing is written until `ready()` returns. When `marks` is called, the events
        without a verdict are those that will be recorded and their repetitions. Raises LogUnavailable, Overtaken, and
        whatever `marks` and `ready` raise; then nothing of the group was acknowledged.
        """
        for request in group:
            request.verdicts, request.withdrawn = [None] * len(request.events), False
        written = [request for request in group if not request.dry_run]
        if written or marks:
            self._write(written, marks, ready)
        for request in group:
            if request.dry_run:
                self._try(request)
        self._judge.shrink()

    def reset(self) -> None:
        """Drop all warm states, after a fault that left them in doubt."""
        self._judge.clear()
        self._seen = self._log.head()

    def _write(
        self, requests: Sequence[Request], marks: Callable[[], Sequence[Mark]] | None, ready: Ready
    ) -> None:
        items = [Item(request, index) for request in requests for index in range(len(request.events))]
        if self._lookups:
            self._lookups -= 1
            self._settle_taken(items)
        for _ in range(MOST_ROUNDS):
            round_ = self._judged(items)
            refused = round_.refused
            if (refused and self._outdated(round_, refused)) or self._withdraw(requests):
                self._undo(round_)
            elif self._append(round_, marks() if marks else (), ready):
                self._settle_taken(round_.twins)
                return
            else:
                self._undo(round_)
        raise LogUnavailable("too many concurrent writers to the same histories")

    def _try(self, request: Request) -> None:
        """Judge a dry run, and undo its effect on the warm states."""
        items = [Item(request, index) for index in range(len(request.events))]
        while True:
            self._settle_taken(items)
            round_ = self._judged(items)
            self._forget(round_)
            if not self._catch_up():
                break
            self._undo(round_)
        for item in round_.admitted + round_.twins:
            item.verdict = item.verdict or Admissible(self._judge.not_tried(item.event))

    def _judged(self, all_items: Sequence[Item]) -> Round:
        """Judge those items that have no verdict yet."""
        self._keys.renew(item.place for item in all_items if item.verdict is None)
        items = [item for item in all_items if item.verdict is None]
        events = [item.event for item in items]
        round_ = Round(items, self._judge.prepare(events))
        latest = self._clock() + MOST_AHEAD
        round_.judge(self._judge, Citations(self._log, self._codec, events), latest)
        return round_

    def _settle_taken(self, items: Sequence[Item]) -> bool:
        """Give the items whose identity the log already has their verdict; report whether there are any."""
        stored = self._log.find([item.identity for item in items]) if items else {}
        gone = self._retractions(stored) if stored else {}
        taken = [item for item in items if item.identity in stored]
        self._keys.renew(item.place for item in taken)
        for item in taken:
            found = stored[item.identity]
            if content(self._codec.decode(found)) != content(item.event):
                item.verdict = IdentityConflict(found.position)
            elif (retraction := gone.get(item.identity)) is not None:
                item.verdict = Retracted(found.position, retraction)
            else:
                item.verdict = Repeated(found.position)
        return bool(stored)

    def _retractions(self, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the positions of the retractions of events of the log, by the identity of the event."""
        wire = names()
        wanted = [
            History(key(tag), tuple(key(wire[cls]) for cls in types))
            for identity in identities
            for tag, types in retractions_of(identity).items()
        ]
        found: dict[tuple[str, str], int] = {}
        for stored in self._log.histories(wanted):
            if (identity := retracted(self._codec.decode(stored))) is not None:
                found.setdefault(identity, stored.position)
        return found

    def _outdated(self, round_: Round, refused: Sequence[Item]) -> bool:
        """Report whether refusals may change: what they rest on has grown, or one that postponed others is recorded.

        Refused items whose identity the log already has get their verdict: no other item was judged on what they bring.
        """
        taken = self._settle_taken(refused)
        others = self._log.changes(self._seen)
        reads = self._judge.reads(round_.batch)
        if any(touches(reads, change) for change in others):
            self._drop_outdated(others)
            return True
        if not round_.admitted:
            # Nothing is appended, so nothing else reports these changes. An append does, and still needs the states.
            self._drop_outdated(others)
        return taken and any(isinstance(item.verdict, Postponed) for item in round_.items)

    def _catch_up(self) -> bool:
        """Catch up with what other writers have appended; report whether there was anything."""
        others = self._log.changes(self._seen)
        self._drop_outdated(others)
        return bool(others)

    def _drop_outdated(self, others: Sequence[Change]) -> None:
        for change in others:
            self._judge.outdated(change)
        if others:
            self._seen = others[-1].position

    def _withdraw(self, requests: Sequence[Request]) -> bool:
        """Withdraw the atomic requests in which an event failed; report whether there are any."""
        failed = [each for each in requests if each.atomic and each.failed and None in each.verdicts]
        for request in failed:
            request.withdrawn = True
            request.verdicts = [each or Admissible() for each in request.verdicts]
        return bool(failed)

    def _append(self, round_: Round, marks: Sequence[Mark], ready: Ready) -> bool:
        """Append what was admitted and give it its positions; report whether the log accepted it."""
        admitted = round_.admitted
        if not admitted:
            ready()
            if marks:
                self._log.move(marks)
            return True
        if not self._keys.store(item.place for item in admitted):
            return False
        batch = [item.request.proposals[item.index] for item in admitted]
        try:
            condition = Condition(self._seen, self._judge.reads(round_.batch))
            appended = self._log.append(batch, condition, marks, ready)
        except Stale:
            self._catch_up()
            return False
        except IdentityTaken:
            self._lookups = LOOKUPS_AFTER_REPEAT
            self._settle_taken(admitted)
            return False
        except Exception:
            self._forget(round_)
            raise
        for change in appended.others:
            self._judge.outdated(change)
        self._seen = appended.first + len(batch) - 1
        for position, item in enumerate(admitted, appended.first):
            item.verdict = Recorded(position)
        return True

    def _undo(self, round_: Round) -> None:
        """Undo a round: its effect on the warm states, and the verdicts that may change."""
        self._forget(round_)
        round_.reset_verdicts()

    def _forget(self, round_: Round) -> None:
        self._judge.forget(item.event for item in round_.admitted)
