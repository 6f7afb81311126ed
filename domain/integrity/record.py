"""A person's conduct record: the cases, how far each has come, and the resulting score on a day."""

from __future__ import annotations

from msgspec import Struct, field

from domain.rule import look_up
from events.clock import days_between
from events.fold import Fold
from events.integrity.conduct import (
    ConductContested,
    ConductDismissed,
    ConductNotified,
    ConductObserved,
    ConductRepaired,
    ConductUpheld,
)
from events.integrity.published import remaining


class Conduct(Struct):
    """A conduct case with the days of its steps; a day is empty until its step has happened.

    `same_as` is the number of an earlier case of the same breach, observed under another number of the person.
    """

    rule: str
    weight: int
    half_life_days: int
    evidence: str
    school: str | None
    observed: str
    objections_until: str = ""
    contested: str = ""
    upheld: str = ""
    dismissed: str = ""
    repaired: str = ""
    same_as: str = ""

    def counts_on(self, day: str) -> bool:
        """Return whether the case counts on a day: notified, past objection, not in dispute, no amends made.

        A breach counts once, in the case in which it was first observed.
        """
        notified = self.objections_until and self.objections_until < day
        settled = not self.contested or (self.upheld and self.upheld <= day)
        amended = self.repaired and self.repaired <= day
        return bool(notified and settled and not (amended or self.dismissed or self.same_as))

    def points_on(self, day: str) -> int:
        """Return what remains of the weight on a day, in hundredths of a point; 0 if the case does not count."""
        days = days_between(self.observed, day)
        return remaining(self.weight, self.half_life_days, days) if self.counts_on(day) else 0


class Record(Struct):
    """A person's conduct cases by number."""

    person: str
    conducts: dict[str, Conduct] = field(default_factory=dict)

    def points_on(self, day: str) -> int:
        """Return the person's score on a day, in hundredths of a point."""
        return sum(each.points_on(day) for each in self.conducts.values())

    def of_breach(self, rule: str, evidence: str) -> str:
        """Return the number of the case in which a breach of a rule was first observed, or an empty string."""
        breach = (rule, evidence)
        return next((n for n, each in self.conducts.items() if (each.rule, each.evidence) == breach), "")

    def get(self, number: str) -> Conduct:
        """Return a conduct case. Raises TooEarly if it is unknown."""
        sentence = f"{self.person} has no conduct case {number}"
        return look_up(self.conducts, number, "unknown-conduct", sentence)


Happened = (
    ConductObserved | ConductNotified | ConductContested | ConductUpheld | ConductDismissed | ConductRepaired
)


def record(state: Record, event: Happened) -> None:
    """Follow a person's conduct cases."""
    if isinstance(event, ConductObserved):
        state.conducts[event.conduct] = Conduct(
            event.rule,
            event.weight,
            event.half_life_days,
            event.evidence,
            event.school,
            event.day,
            same_as=state.of_breach(event.rule, event.evidence),
        )
        return
    conduct = state.conducts.get(event.conduct)
    if conduct is None:
        return
    match event:
        case ConductNotified():
            conduct.objections_until = event.objections_until
        case ConductContested():
            conduct.contested = event.day
        case ConductUpheld():
            conduct.upheld = event.day
        case ConductDismissed():
            conduct.dismissed = event.day
        case ConductRepaired():
            conduct.repaired = event.day


RECORD = Fold("person", Record, record, steps=True)
