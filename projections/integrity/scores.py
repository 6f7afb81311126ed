"""The integrity score: a row lists what it is made of, and what it comes to is a function of row and date."""

from __future__ import annotations

import msgspec
from msgspec import Struct, field

from events.clock import days_between
from events.integrity.conduct import (
    ConductContested,
    ConductDismissed,
    ConductNotified,
    ConductObserved,
    ConductRepaired,
    ConductUpheld,
)
from events.integrity.published import remaining
from projections.read_model import ReadModel


class Contribution(Struct):
    """An observed conduct, its weight and how that fades, its proof, and the days of what became of it.

    `same_as` is an earlier conduct that is the same breach, observed under a number merged into the person's.
    """

    conduct: str
    rule: str
    weight: int
    half_life_days: int
    evidence: str
    observed: str
    objections_until: str | None = None
    contested: str | None = None
    upheld: str | None = None
    dismissed: str | None = None
    repaired: str | None = None
    same_as: str | None = None


class IntegrityScore(Struct):
    """A person's integrity score: points that conduct weighs, 0 where there is none, with every contribution."""

    person: str
    contributions: list[Contribution] = field(default_factory=list)

    def at(self, day: str) -> dict[str, object]:
        """Return the score on a day, in points, and the lines that it is the sum of."""
        lines = score(self, day)
        return {
            "score": sum(round(100 * each.points) for each in lines) / 100,
            "lines": [msgspec.to_builtins(each) for each in lines],
        }


class Line(Struct):
    """What one conduct adds to a score on a day, in points, and why."""

    conduct: str
    rule: str
    points: float
    because: str


def score(row: IntegrityScore, day: str) -> list[Line]:
    """Explain a score on a day: one line for each conduct observed by then, also where it adds nothing."""
    return [_line(each, day) for each in row.contributions if each.observed <= day]


def _line(each: Contribution, day: str) -> Line:
    idle = f"the same breach as {each.same_as}" if each.same_as else _does_not_count(each, day)
    if idle:
        return Line(each.conduct, each.rule, 0.0, idle)
    days = days_between(each.observed, day)
    points = remaining(each.weight, each.half_life_days, days) / 100
    because = f"{each.weight} points, halved every {each.half_life_days} days, {days} days ago"
    return Line(each.conduct, each.rule, points, because)


def _does_not_count(each: Contribution, day: str) -> str:
    """Tell why a conduct does not count on a day; empty where it does."""
    if each.dismissed:
        return f"dismissed on {each.dismissed}"
    if each.repaired and each.repaired <= day:
        return f"made good for on {each.repaired}"
    if not each.objections_until:
        return "not notified yet"
    if each.contested and not (each.upheld and each.upheld <= day):
        return f"contested on {each.contested}, not decided yet"
    if day <= each.objections_until:
        return f"open to objection until {each.objections_until}"
    return ""


def integrity_score(
    row: IntegrityScore,
    event: ConductObserved
    | ConductNotified
    | ConductContested
    | ConductUpheld
    | ConductDismissed
    | ConductRepaired,
) -> None:
    """List a conduct when it is observed, and note what becomes of it."""
    if isinstance(event, ConductObserved):
        row.contributions.append(
            Contribution(
                event.conduct,
                event.rule,
                event.weight,
                event.half_life_days,
                event.evidence,
                event.day,
                same_as=_same_breach(row, event),
            )
        )
        return
    for each in row.contributions:
        if each.conduct == event.conduct:
            _follow(each, event)


def _same_breach(row: IntegrityScore, event: ConductObserved) -> str | None:
    told = (event.rule, event.evidence)
    return next((each.conduct for each in row.contributions if (each.rule, each.evidence) == told), None)


def _follow(
    each: Contribution,
    event: ConductNotified | ConductContested | ConductUpheld | ConductDismissed | ConductRepaired,
) -> None:
    match event:
        case ConductNotified():
            each.objections_until = event.objections_until
        case ConductContested():
            each.contested = event.day
        case ConductUpheld():
            each.upheld = event.day
        case ConductDismissed():
            each.dismissed = event.day
        case ConductRepaired():
            each.repaired = event.day


READ_MODELS = (ReadModel("integrity-scores", "person", IntegrityScore, integrity_score),)
