"""Given, when, then: rules and read models over a history that is spelled out, without a log or a database.

    given(*registered, StudentEnrolled(...)).when(StudentLeft(...)).refused("not-on-a-roll")
    chain(*registered, StudentEnrolled(...)).row("students", "p-1").grade

For whoever writes a context, and for whoever writes a publisher in Python and wants to know what will be admitted.
`given` folds its events without judging them; `chain` judges each in turn; `when` judges one more by all rules. An
event's personal fields are bytes here, as if the door had sealed them. What does not hold raises AssertionError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from domain.catalogue import RULES
from domain.rule import Refused
from events.clock import start_of
from events.contract import tags
from events.event import Event
from projections.catalogue import READ_MODELS
from projections.read_model import ReadModel
from streams.history.histories import Histories
from streams.history.refold import fold
from streams.history.version import subscription
from streams.publish.judge import Judge
from streams.publish.warm_folds import WarmFolds

HOUR = 3_600_000_000
"""An hour in microseconds, the unit of `occurred_at`."""

WARM_BYTES = 1 << 30
"""What the judge's states may take: far more than any history that somebody spells out."""


def at(day: str, hour: int = 12) -> int:
    """Return an hour of a Shanghai day as `occurred_at`, noon by default."""
    return start_of(day) + hour * HOUR


class Listed(Histories):
    """Histories over a list of events instead of a log; their positions are their places in it."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = [
            msgspec.structs.replace(event, position=position) for position, event in enumerate(events, 1)
        ]

    def query(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, list[Event]]:
        """Return the events of the wanted types that carry each wanted tag."""
        return {
            tag: [event for event in self.events if type(event) in types and tag in tags(event)]
            for tag, types in wanted.items()
        }


class Judged:
    """The verdict on a proposed event, to be asserted."""

    def __init__(self, proposed: Event, refused: Refused | None) -> None:
        self.proposed, self.refused_by = proposed, refused

    def admitted(self) -> None:
        """Assert that the rules admit it."""
        if self.refused_by is not None:
            raise AssertionError(f"{self.refused_by.code}: {self.refused_by.sentence}")

    def refused(self, code: str, rule: str | None = None) -> Refused:
        """Assert that it is refused with this code, and by the rule of this identity if one is given."""
        if self.refused_by is None:
            raise AssertionError(f"{type(self.proposed).__name__} was admitted")
        if self.refused_by.code != code or rule not in (None, self.refused_by.rule):
            raise AssertionError(
                f"{self.refused_by.rule}: {self.refused_by.code}: {self.refused_by.sentence}"
            )
        return self.refused_by


class Given:
    """A history."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.history = Listed(events)

    def when(self, proposed: Event) -> Judged:
        """Judge a proposed event by all rules."""
        judge = Judge(RULES, WarmFolds(self.history, WARM_BYTES))
        (case,) = judge.hear([proposed]).cases
        return Judged(proposed, judge.refusal(case))

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
        """Return all rows of a read model, in the order of their keys."""
        found = _model(model)
        folded = [each for each in self.history.events if type(each) in found.fold.events]
        keys = {key for event in folded for key in found.keys(event)}
        return [row for key in sorted(keys) if (row := self.row(model, *key)) is not None]


def given(*events: Event) -> Given:
    """State a history; it is folded as it stands."""
    return Given(events)


def chain(*events: Event) -> Given:
    """State a history of which each event is admitted after those before it. Raises AssertionError at the first that is not."""
    judge = Judge(RULES, WarmFolds(Listed([]), WARM_BYTES))
    for number, case in enumerate(judge.hear(events).cases):
        refused = judge.refusal(case)
        if refused is not None:
            what = f"event {number}, {type(case.event).__name__}"
            raise AssertionError(f"{what}: {refused.code} ({refused.sentence})")
        judge.admit(case.event, events[:number])
    return Given(events)


def _model(name: str) -> ReadModel[Any]:
    return next(each for each in READ_MODELS if each.name == name)
