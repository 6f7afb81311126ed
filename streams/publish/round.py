"""A round: one attempt to settle a group of requests, and how its items are judged."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from domain.rule import Refused
from events.event import Event
from streams.publish.citations import Citations
from streams.publish.judge import Judge, PreparedBatch, Prerequisites
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

    __slots__ = ("event", "identity", "index", "request")

    def __init__(self, request: Request, index: int) -> None:
        self.request, self.index, self.event = request, index, request.events[index]
        self.identity = self.event.source, self.event.id

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
        mine: dict[tuple[str, str], Event] = {}
        early: dict[str, list[Prerequisites]] = {}
        for item, prepared in zip(self.items, self.batch.events, strict=True):
            event, lane = item.event, item.request.lane
            if lane in early and not any(each.may_be(event) for each in early[lane]):
                item.verdict = Postponed()
                continue
            if (twin := mine.get(item.identity)) is not None:
                item.verdict = None if content(twin) == content(event) else IdentityConflict()
                self.twins.append(item)
                continue
            refused = (
                _in_the_future(event, latest) or citations.refusal(event, mine) or judge.refusal(prepared)
            )
            if refused:
                item.verdict = refusal(refused)
                if lane and isinstance(item.verdict, EarlyRefusal):
                    early.setdefault(lane, []).append(judge.prerequisites(prepared, refused.rule))
            else:
                if lane in early:
                    early[lane] = []  # those before it must be tried again before those behind it
                judge.admit(event)
                self.admitted.append(item)
                mine[item.identity] = event

    def reset_verdicts(self) -> None:
        """Take back the verdicts that may change if the items are judged again."""
        for item in self.items:
            may_change = isinstance(item.verdict, Refusal | Postponed) or item.verdict == IdentityConflict()
            if may_change and not item.request.withdrawn:
                item.verdict = None


def _in_the_future(event: Event, latest: int) -> Refused | None:
    """Refuse an event whose source's clock is too far ahead."""
    if event.occurred_at <= latest:
        return None
    refused = Refused("in-the-future", "it occurred more than five minutes ahead of this system's clock")
    refused.rule = "log.occurred_by_now"
    return refused


def content(event: Event) -> Event:
    """Return an event without what the log adds; two events of one identity are the same if these are equal."""
    return msgspec.structs.replace(event, position=0, recorded_at=0)
