"""The integrity score: a row lists its contributions; the score is a function of the row and a day."""

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
from events.integrity.reviews import IntegrityWarningCleared, IntegrityWarningIssued
from projections.read_model import ReadModel


class Contribution(Struct):
    """A case of observed conduct: its weight, half-life and evidence, and the day of each later step.

    `same_as` is an earlier case of the same breach, observed under a number since merged into the
    person's.
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


class Warned(Struct):
    """A warning, the cases that counted when it was issued, and the day on which the last of them was dismissed.

    A warning without a case that stands is `baseless`: its reviewer clears it as mistaken.
    """

    warning: str
    grounds: list[str]
    issued: str
    baseless: str | None = None
    cleared: str | None = None


class IntegrityScore(Struct):
    """A person's integrity score, in points, with every contribution from conduct; 0 if there is none.

    `warnings` lists the person's warnings, and which of them have become baseless.
    """

    person: str
    contributions: list[Contribution] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)

    def at(self, day: str) -> dict[str, object]:
        """Return the score on a day, in points, and the lines that add up to it."""
        lines = score(self, day)
        return {
            "score": sum(round(100 * each.points) for each in lines) / 100,
            "lines": [msgspec.to_builtins(each) for each in lines],
        }


class Line(Struct):
    """The points that one case adds to a score on a day, and why."""

    conduct: str
    rule: str
    points: float
    because: str


def score(row: IntegrityScore, day: str) -> list[Line]:
    """Explain a score on a day: one line for each case observed by then, even if it adds nothing."""
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
    """Return why a case does not count on a day; empty if it does."""
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
    | ConductRepaired
    | IntegrityWarningIssued
    | IntegrityWarningCleared,
) -> None:
    """Add a contribution when conduct is observed, and record its later steps, and the warnings that rest on them."""
    if isinstance(event, IntegrityWarningIssued | IntegrityWarningCleared):
        _warn(row, event)
        return
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
    if isinstance(event, ConductDismissed):
        _without_ground(row, event.day)


def _warn(row: IntegrityScore, event: IntegrityWarningIssued | IntegrityWarningCleared) -> None:
    if isinstance(event, IntegrityWarningIssued):
        counting = [
            each for each in row.contributions if not (each.same_as or _does_not_count(each, event.day))
        ]
        grounds = [each.conduct for each in counting]
        row.warnings.append(Warned(event.warning, grounds, event.day))
    for each in row.warnings:
        if isinstance(event, IntegrityWarningCleared) and each.warning == event.warning:
            each.cleared = event.day


def _without_ground(row: IntegrityScore, day: str) -> None:
    dismissed = {each.conduct for each in row.contributions if each.dismissed}
    for each in row.warnings:
        if each.baseless is None and each.cleared is None and dismissed.issuperset(each.grounds):
            each.baseless = day


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
