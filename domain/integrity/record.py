"""A person's record: what was observed, what has become of it, and the score that follows on a day."""

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
    """One observed conduct, and the days of what has become of it; empty where that has not happened.

    `same_as` is the number of an earlier conduct that is the same breach, observed under another number of the person.
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
        """Tell whether it counts on a day: notified, its time to object over, not in dispute, not made good.

        One breach counts once, as the conduct by which it was first observed.
        """
        told = self.objections_until and self.objections_until < day
        settled = not self.contested or (self.upheld and self.upheld <= day)
        made_good = self.repaired and self.repaired <= day
        return bool(told and settled and not (made_good or self.dismissed or self.same_as))

    def points_on(self, day: str) -> int:
        """Return what is left of its weight on a day, in hundredths; 0 where it does not count."""
        days = days_between(self.observed, day)
        return remaining(self.weight, self.half_life_days, days) if self.counts_on(day) else 0


class Record(Struct):
    """All conduct of a person, by its number."""

    person: str
    conducts: dict[str, Conduct] = field(default_factory=dict)

    def points_on(self, day: str) -> int:
        """Return the person's score on a day, in hundredths of a point."""
        return sum(each.points_on(day) for each in self.conducts.values())

    def of_breach(self, rule: str, evidence: str) -> str:
        """Return the number under which a breach of a rule was first observed; empty where it was not."""
        told = (rule, evidence)
        return next((n for n, each in self.conducts.items() if (each.rule, each.evidence) == told), "")

    def get(self, number: str) -> Conduct:
        """Return a conduct. Raises Refused where it is not known."""
        sentence = f"no conduct {number} of {self.person} is known"
        return look_up(self.conducts, number, "unknown-conduct", sentence)


Happened = (
    ConductObserved | ConductNotified | ConductContested | ConductUpheld | ConductDismissed | ConductRepaired
)


def record(state: Record, event: Happened) -> None:
    """Follow a person's conduct."""
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


RECORD = Fold("person", Record, record)
