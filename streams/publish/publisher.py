"""Publish: judge proposed events and append those that the rules admit, a group of requests at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from domain.rule import Refused
from events.contract import tags
from events.event import Event
from streams.ports import (
    Change,
    Codec,
    Condition,
    IdentityTaken,
    Log,
    LogUnavailable,
    Mark,
    Ready,
    Stale,
    always,
    touches,
)
from streams.publish.citations import Cited
from streams.publish.judge import Awaited, Hearing, Judge
from streams.publish.request import (
    Admissible,
    Clash,
    Early,
    Postponed,
    Recorded,
    Refusal,
    Repeated,
    Request,
    Verdict,
    refusal,
)

MOST_AHEAD = 5 * 60 * 1_000_000
"""How far, in microseconds, an event's `occurred_at` may lie ahead of this clock."""

MOST_ROUNDS = 50
"""After so many lost races a group is given back as overload; each lost round is another's success."""

REPEATS_FOLLOW = 100
"""Repeats come together. After one that only the log has told of, identities of so many groups are looked up first."""


class _Item:
    """One event of a request, on its way to a verdict."""

    __slots__ = ("event", "identity", "index", "request")

    def __init__(self, request: Request, index: int) -> None:
        self.request, self.index, self.event = request, index, request.events[index]
        self.identity = self.event.source, self.event.id

    @property
    def verdict(self) -> Verdict | None:
        return self.request.verdicts[self.index]

    @verdict.setter
    def verdict(self, verdict: Verdict | None) -> None:
        self.request.verdicts[self.index] = verdict


class _Round(Struct):
    """One attempt at a group: what was judged, what the decisions rest on, and what they admitted."""

    items: Sequence[_Item]
    hearing: Hearing
    admitted: list[_Item] = []
    twins: list[_Item] = []


class Publisher:
    """Settles groups of requests. One thread uses it; its warm folds are this process's alone."""

    def __init__(self, log: Log, codec: Codec, judge: Judge, clock: Callable[[], int]) -> None:
        self._log, self._codec, self._judge, self._clock = log, codec, judge, clock
        self._seen, self._look_up = log.head(), 0

    def settle(
        self,
        group: Sequence[Request],
        marks: Callable[[], Sequence[Mark]] | None = None,
        ready: Ready = always,
    ) -> None:
        """Give every event of the group its verdict; what is told as recorded is durable.

        `marks` is called when all are judged, before the append (again, if that is too late): its marks move
        with the append, which nothing is written of before `ready` returns. Events without a verdict then are those
        that will be recorded, or repeat such a one. Raises LogUnavailable where the log takes nothing, Overtaken,
        and what `marks` and `ready` raise; then nothing of the group was acknowledged.
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
        """Forget all warm states, after a fault that left them in doubt."""
        self._judge.clear()
        self._seen = self._log.head()

    def _write(
        self, requests: Sequence[Request], marks: Callable[[], Sequence[Mark]] | None, ready: Ready
    ) -> None:
        items = [_Item(request, index) for request in requests for index in range(len(request.events))]
        if self._look_up:
            self._look_up -= 1
            self._known(items)
        for _ in range(MOST_ROUNDS):
            round_ = self._judged([item for item in items if item.verdict is None])
            refused = [item for item in round_.items if isinstance(item.verdict, Refusal)]
            if (refused and self._told_early(round_, refused)) or self._withdrawn(requests):
                self._undo(round_)
            elif self._append(round_, marks() if marks else (), ready):
                self._known(round_.twins)
                return
            else:
                self._undo(round_)
        raise LogUnavailable("too many writers at once touch the same histories")

    def _try(self, request: Request) -> None:
        """Judge a dry run, and forget what it did to the warm states."""
        items = [_Item(request, index) for index in range(len(request.events))]
        while True:
            self._known(items)
            round_ = self._judged([item for item in items if item.verdict is None])
            self._forget(round_)
            if not self._grown():
                break
            self._undo(round_)
        for item in round_.admitted + round_.twins:
            item.verdict = item.verdict or Admissible()

    def _judged(self, items: Sequence[_Item]) -> _Round:
        """Judge items in order; those refused get their verdict, those admitted are in the round."""
        judge, events = self._judge, [item.event for item in items]
        round_ = _Round(items, judge.hear(events))
        latest = self._clock() + MOST_AHEAD
        cites = Cited(self._log, self._codec, events)
        before: list[Event] = []
        mine: dict[tuple[str, str], Event] = {}
        early: dict[str, list[Awaited]] = {}
        for item, case in zip(items, round_.hearing.cases, strict=True):
            event, lane = item.event, item.request.lane
            if lane in early and not any(each.brought_by(event) for each in early[lane]):
                item.verdict = Postponed()
                continue
            if (twin := mine.get(item.identity)) is not None:
                item.verdict = None if _content(twin) == _content(event) else Clash()
                round_.twins.append(item)
                continue
            refused = _too_early(event, latest) or cites.refusal(event, mine) or judge.refusal(case)
            if refused:
                item.verdict = refusal(refused)
                if lane and isinstance(item.verdict, Early):
                    early.setdefault(lane, []).append(judge.awaited(case, refused.rule))
            else:
                if lane in early:
                    early[lane] = []  # those before it are to be tried again before those behind it
                judge.admit(event, before)
                round_.admitted.append(item)
                before.append(event)
                mine[item.identity] = event
        return round_

    def _known(self, items: Sequence[_Item]) -> bool:
        """Give the items that are in the log already their verdict; tell whether there were any."""
        stored = self._log.find([item.identity for item in items]) if items else {}
        for item in items:
            if (found := stored.get(item.identity)) is not None:
                same = _content(self._codec.decode(found)) == _content(item.event)
                item.verdict = Repeated(found.position) if same else Clash(found.position)
        return bool(stored)

    def _told_early(self, round_: _Round, refused: Sequence[_Item]) -> bool:
        """Tell whether refusals may change: what was read has grown, or one that others waited for is known.

        Those that are in the log already get their verdict: none of the others was judged by what they bring.
        """
        known = self._known(refused)
        others = self._log.changes(self._seen)
        reads = self._judge.reads(round_.hearing)
        if any(touches(reads, change) for change in others):
            self._catch_up(others)
            return True
        if not round_.admitted:
            # No append will tell of them. Elsewhere it does: its condition needs the states that they outdate.
            self._catch_up(others)
        return known and any(isinstance(item.verdict, Postponed) for item in round_.items)

    def _grown(self) -> bool:
        """Catch up with what others have appended; tell whether there was anything."""
        others = self._log.changes(self._seen)
        self._catch_up(others)
        return bool(others)

    def _catch_up(self, others: Sequence[Change]) -> None:
        for change in others:
            self._judge.outdated(change.tags)
        if others:
            self._seen = others[-1].position

    def _withdrawn(self, requests: Sequence[Request]) -> bool:
        """Take back atomic requests of which an event failed; tell whether there were any."""
        failed = [each for each in requests if each.atomic and each.failed and None in each.verdicts]
        for request in failed:
            request.withdrawn = True
            request.verdicts = [each or Admissible() for each in request.verdicts]
        return bool(failed)

    def _append(self, round_: _Round, marks: Sequence[Mark], ready: Ready) -> bool:
        """Append what was admitted and give it its positions; tell whether that went through."""
        admitted = round_.admitted
        if not admitted:
            ready()
            if marks:
                self._log.move(marks)
            return True
        batch = [item.request.proposals[item.index] for item in admitted]
        try:
            condition = Condition(self._seen, self._judge.reads(round_.hearing))
            appended = self._log.append(batch, condition, marks, ready)
        except Stale:
            self._grown()
            return False
        except IdentityTaken:
            self._look_up = REPEATS_FOLLOW
            self._known(admitted)
            return False
        except Exception:
            self._forget(round_)
            raise
        for change in appended.others:
            self._judge.outdated(change.tags)
        self._seen = appended.first + len(batch) - 1
        for position, item in enumerate(admitted, appended.first):
            item.verdict = Recorded(position)
        return True

    def _undo(self, round_: _Round) -> None:
        """Take a round back: what it admitted from the warm states, and the verdicts that may change."""
        self._forget(round_)
        for item in round_.items:
            told_early = isinstance(item.verdict, Refusal | Postponed) or item.verdict == Clash()
            if told_early and not item.request.withdrawn:
                item.verdict = None

    def _forget(self, round_: _Round) -> None:
        self._judge.forget(tag for item in round_.admitted for tag in tags(item.event))


def _too_early(event: Event, latest: int) -> Refused | None:
    """Return why an event is refused for its clock."""
    if event.occurred_at <= latest:
        return None
    refused = Refused("in-the-future", "it occurred more than five minutes ahead of this system's clock")
    refused.rule = "log.occurred_by_now"
    return refused


def _content(event: Event) -> Event:
    return msgspec.structs.replace(event, position=0, recorded_at=0)
