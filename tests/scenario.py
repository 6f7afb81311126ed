"""Given, when, then: rules and read models over a history that a test spells out.

    given(*registered("p-1"), StudentEnrolled(...)).when(StudentLeft(...)).refused("not-on-a-roll")

`given` folds its events without judging them; `when` judges by all rules; `chain` judges each event in turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Never

import msgspec

from domain.catalogue import RULES
from domain.rule import Refused
from events.clock import start_of
from events.contract import tags
from events.event import Event
from events.fold import Removed
from projections.catalogue import READ_MODELS
from streams.history.histories import Histories
from streams.publish.judge import Judge
from streams.publish.warm_folds import WarmFolds

NOON = 12 * 3_600_000_000
ROOMY = 1 << 30


def at(day: str, hour: int = 12) -> int:
    """Return an hour of a Shanghai day, noon unless told, as `occurred_at` wants it."""
    return start_of(day) + hour * 3_600_000_000


class Listed(Histories):
    """Histories over a list instead of a log."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = [
            msgspec.structs.replace(event, position=position) for position, event in enumerate(events, 1)
        ]

    def query(self, wanted: Mapping[str, tuple[type[Event], ...]]) -> dict[str, list[Event]]:
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
        assert self.refused_by is None, f"{self.refused_by.code}: {self.refused_by.sentence}"

    def refused(self, code: str, rule: str | None = None) -> Refused:
        """Assert that it is refused with this code (by this rule)."""
        assert self.refused_by is not None, f"{type(self.proposed).__name__} was admitted"
        assert self.refused_by.code == code, f"{self.refused_by.code}: {self.refused_by.sentence}"
        assert rule in (None, self.refused_by.rule)
        return self.refused_by


class Given:
    """A history."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.history = Listed(events)

    def when(self, proposed: Event) -> Judged:
        """Judge a proposed event by all rules."""
        judge = Judge(RULES, WarmFolds(self.history, ROOMY))
        (case,) = judge.hear([proposed]).cases
        return Judged(proposed, judge.refusal(case))

    def row(self, model: str, *key: Any) -> Any:
        """Fold one row of a read model; None where there is none."""
        found = next(each for each in READ_MODELS if each.name == model)
        tag = f"{found.fold.tag}:{key[0]}"
        row = None
        for event in self.history.read({tag: found.fold.events})[tag]:
            if type(event) in found.fold.events and key[1:] in (each[1:] for each in found.keys(event)):
                row = found.row(*key) if row is None else row
                row = None if isinstance(found.fold.evolve(row, event), Removed) else row
        return row

    def rows(self, model: str) -> list[Any]:
        """Fold all rows of a read model, ordered by key."""
        found = next(each for each in READ_MODELS if each.name == model)
        keys = {
            key
            for event in self.history.events
            if type(event) in found.fold.events
            for key in found.keys(event)
        }
        return [row for key in sorted(keys) if (row := self.row(model, *key)) is not None]


def given(*events: Event) -> Given:
    """State a history; it is folded as it stands."""
    return Given(events)


def chain(*events: Event) -> Given:
    """Judge events in turn, each seeing those before it; fail at the first that is refused."""
    judge = Judge(RULES, WarmFolds(Listed([]), ROOMY))
    for number, case in enumerate(judge.hear(events).cases):
        refused = judge.refusal(case)
        if refused is not None:
            _fail(f"event {number}, {type(case.event).__name__}: {refused.code} ({refused.sentence})")
        judge.admit(case.event, events[:number])
    return Given(events)


def _fail(message: str) -> Never:
    raise AssertionError(message)


def registered(*persons: str) -> list[Event]:
    """Return the registration of these persons; names and dates are as if sealed."""
    from events.identity.persons import PersonRegistered  # noqa: PLC0415 - identity is written beside this file

    return [PersonRegistered(person=each, name=b"sealed", occurred_at=at("2000-01-01")) for each in persons]
