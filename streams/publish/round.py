"""A round: one attempt to settle a group of requests, and how its items are judged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec
from msgspec import Struct

from domain.rule import Refused
from events.event import Event
from streams.publish.citations import Citations
from streams.publish.judge import Judge, PreparedBatch, PreparedEvent, Prerequisites
from streams.publish.new_keys import Place
from streams.publish.request import (
    EarlyRefusal,
    IdentityConflict,
    Postponed,
    Refusal,
    Request,
    Verdict,
    refusal,
)


class Item:
    """One event of a request on its way to a verdict."""

    __slots__ = ("identity", "index", "request")

    def __init__(self, request: Request, index: int) -> None:
        self.request, self.index = request, index
        self.identity = self.event.source, self.event.id

    @property
    def event(self) -> Event:
        """The event, which may be sealed anew between two rounds."""
        return self.request.events[self.index]

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.request, self.index

    @property
    def verdict(self) -> Verdict | None:
        """Its verdict in the request, None if it has none yet."""
        return self.request.verdicts[self.index]

    @verdict.setter
    def verdict(self, verdict: Verdict | None) -> None:
        self.request.verdicts[self.index] = verdict


class Round(Struct):
    """The items that are judged together, what judging them reads, and those that were admitted.

    `twins` have the identity of an item that was admitted before them.
    """

    items: Sequence[Item]
    batch: PreparedBatch
    admitted: list[Item] = []
    twins: list[Item] = []

    @property
    def refused(self) -> list[Item]:
        """The items that a rule refused."""
        return [item for item in self.items if isinstance(item.verdict, Refusal)]

    def judge(self, judge: Judge, citations: Citations, latest: int) -> None:
        """Judge the items in order; `latest` is the largest `occurred_at` that is accepted.

        Items that are not admitted get their verdict; twins of the same content have none yet.
        """
        judging = _Judging(self, judge, citations, latest)
        pairs = zip(self.items, self.batch.events, strict=True)
        for _, some in groupby(pairs, key=lambda pair: id(pair[0].request)):
            judging.request(list(some))

    def reset_verdicts(self) -> None:
        """Take back the verdicts that may change if the items are judged again."""
        for item in self.items:
            may_change = isinstance(item.verdict, Refusal | Postponed) or item.verdict == IdentityConflict()
            if may_change and not item.request.withdrawn:
                item.verdict = None


class _Judging:
    """Judges the items of a round, request by request."""

    def __init__(self, round_: Round, judge: Judge, citations: Citations, latest: int) -> None:
        self._round, self._judge, self._citations, self._latest = round_, judge, citations, latest
        self._mine: dict[tuple[str, str], Event] = {}
        self._early: dict[str, list[Prerequisites]] = {}

    def request(self, items: Sequence[tuple[Item, PreparedEvent]]) -> None:
        """Judge the items of one request; the late steps of an atomic one fit in together or not at all."""
        request = items[0][0].request
        if not request.atomic or len(items) == 1:
            for item, prepared in items:
                self._item(item, prepared, alone=True)
            return
        late = [item for item, prepared in items if self._item(item, prepared, alone=False)]
        if late and not request.failed:
            admitted = [item.event for item, _ in items if item in self._round.admitted]
            if refused := self._judge.fits_in(admitted):
                late[0].verdict = refusal(refused)

    def _item(self, item: Item, prepared: PreparedEvent, *, alone: bool) -> bool:
        """Judge an item and admit it, or give it its verdict; report whether it was admitted as a late step."""
        event, lane = item.event, item.request.lane
        if lane in self._early and not any(each.may_be(event) for each in self._early[lane]):
            item.verdict = Postponed()
            return False
        if (twin := self._mine.get(item.identity)) is not None:
            item.verdict = None if content(twin) == content(event) else IdentityConflict()
            self._round.twins.append(item)
            return False
        refused = self._refusal(event, prepared, dry_run=item.request.dry_run)
        late = not refused and self._judge.late_step(prepared)
        if late and alone:
            refused = self._judge.fits_in_alone(event)
        if refused:
            self._refuse(item, prepared, refused)
            return False
        if lane in self._early:
            self._early[lane] = []  # those before it must be tried again before those behind it
        self._judge.admit(event)
        self._round.admitted.append(item)
        self._mine[item.identity] = event
        return late

    def _refusal(self, event: Event, prepared: PreparedEvent, *, dry_run: bool) -> Refused | None:
        return (
            _in_the_future(event, self._latest)
            or self._citations.refusal(event, self._mine)
            or self._judge.refusal(prepared, dry_run=dry_run)
            or self._judge.merges(event)
        )

    def _refuse(self, item: Item, prepared: PreparedEvent, refused: Refused) -> None:
        item.verdict = refusal(refused)
        lane = item.request.lane
        if lane and isinstance(item.verdict, EarlyRefusal):
            self._early.setdefault(lane, []).append(self._judge.prerequisites(prepared, refused.rule))


def _in_the_future(event: Event, latest: int) -> Refused | None:
    """Refuse an event whose source's clock is too far ahead."""
    if event.occurred_at <= latest:
        return None
    refused = Refused("in-the-future", "it occurred more than five minutes ahead of this system's clock")
    refused.rule = "log.occurred_by_now"
    return refused


def content(event: Event) -> Event:
    """Return an event without what the log adds and the extensions, which a retry may change; two events of one identity are the same if these are equal."""
    return msgspec.structs.replace(event, position=0, recorded_at=0, extensions=())
