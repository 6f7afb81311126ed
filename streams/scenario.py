"""Given, when, then: test rules and read models on a history written out in code, without a log or a database.

    given(*registered, StudentEnrolled(...)).when(StudentLeft(...)).refused("not-on-a-roll")
    chain(*registered, StudentEnrolled(...)).row("students", "p-1").grade

For authors of contexts, and for authors of publishers in Python who need to know which events will be admitted.
An event without `occurred_at` occurs when the latest of those before it did: order alone tells the story. `given` folds its events without judging them; `chain` judges each in turn; `when` judges one more by all rules. The
personal fields of events are bytes here, as if the door had sealed them. Failed expectations raise AssertionError.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from domain.catalogue import RULES
from domain.rule import Refused
from events.clock import HOUR, start_of
from events.contract import tags
from events.event import Event
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from streams.history.histories import Histories
from streams.history.refold import fold
from streams.history.version import subscription
from streams.publish.judge import Judge
from streams.publish.warm_folds import WarmFolds

WARM_BYTES = 1 << 30
"""Bound of the judge's warm states, in bytes: so large that no history written out in code reaches it."""


def at(day: str, hour: int = 12) -> int:
    """Return an hour of a day in Shanghai, noon by default, as microseconds for `occurred_at`."""
    return start_of(day) + hour * HOUR


def timed(events: Iterable[Event], latest: int = 0) -> Iterator[Event]:
    """Yield events in order; one without a time occurs when the latest of those before it did."""
    for event in events:
        if event.occurred_at:
            latest = max(latest, event.occurred_at)
            yield event
        else:
            yield msgspec.structs.replace(event, occurred_at=latest)


class ListedHistories(Histories):
    """Histories over a list of events instead of a log; an event's position is its place in the list, from 1."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = [
            msgspec.structs.replace(event, position=position)
            for position, event in enumerate(timed(events), 1)
        ]

    def query(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, list[Event]]:
        """Return the events of the wanted types that carry each wanted tag."""
        return {
            tag: [event for event in self.events if type(event) in types and tag in tags(event)]
            for tag, types in wanted.items()
        }


class Decision:
    """The decision on a proposed event, with the assertions about it."""

    def __init__(self, proposed: Event, refused: Refused | None) -> None:
        self.proposed, self.refused_by = proposed, refused

    def admitted(self) -> None:
        """Assert that the rules admit the event."""
        if self.refused_by is not None:
            raise AssertionError(f"{self.refused_by.code}: {self.refused_by.sentence}")

    def refused(self, code: str, rule: str | None = None) -> Refused:
        """Assert that it is refused with this code, and by this rule if its identity is given; return the refusal."""
        if self.refused_by is None:
            raise AssertionError(f"{type(self.proposed).__name__} was admitted")
        if self.refused_by.code != code or rule not in (None, self.refused_by.rule):
            raise AssertionError(
                f"{self.refused_by.rule}: {self.refused_by.code}: {self.refused_by.sentence}"
            )
        return self.refused_by


class Scenario:
    """A history on which events are judged and rows are folded."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.history = ListedHistories(events)

    def when(self, proposed: Event) -> Decision:
        """Judge a proposed event by all rules."""
        judge = Judge(RULES, WarmFolds(self.history, WARM_BYTES))
        latest = max((each.occurred_at for each in self.history.events), default=0)
        (prepared,) = judge.prepare(timed([proposed], latest)).events
        return Decision(proposed, judge.refusal(prepared))

    def row(self, model: str, *key: Any) -> Any:
        """Return one row of a read model, None if there is none."""
        found = _model(model)
        tag = f"{found.fold.tag}:{key[0]}"
        events = self.history.read({tag: subscription(found)})[tag]
        folded = fold(found, str(key[0]), events)
        if folded.held:
            raise AssertionError(f"{folded.held[0].type} cannot be folded: {folded.held[0].reason}")
        line = folded.lines.get(key)
        return None if line is None else line.row

    def rows(self, model: str) -> list[Any]:
        """Return all rows of a read model, ordered by key."""
        found = _model(model)
        folded = [each for each in self.history.events if type(each) in found.fold.events]
        keys = {key for event in folded for key in found.keys(event)}
        return [row for key in sorted(keys) if (row := self.row(model, *key)) is not None]


def given(*events: Event) -> Scenario:
    """Return a scenario with these events as its history; they are not judged."""
    return Scenario(events)


def chain(*events: Event) -> Scenario:
    """Return a scenario with these events as its history, each admitted after those before it.

    Raises AssertionError at the first event that is refused.
    """
    judge = Judge(RULES, WarmFolds(ListedHistories([]), WARM_BYTES))
    for number, prepared in enumerate(judge.prepare(timed(events)).events):
        refused = judge.refusal(prepared)
        if refused is not None:
            what = f"event {number}, {type(prepared.event).__name__}"
            raise AssertionError(f"{what}: {refused.code} ({refused.sentence})")
        judge.admit(prepared.event)
    return Scenario(events)


def _model(name: str) -> ReadModel[Any]:
    return next(each for each in READ_MODELS if each.name == name)
