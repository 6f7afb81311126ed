"""What rules require of dated rule data: a version in force, published ahead of its first day, and lists without repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeVar

from domain.rule import Code, Rule, TooEarly, refuse_if, too_early_if
from events.catalogue import names
from events.dated import Dated, LimitedRuleData, RuleData, Versions
from events.event import Event

D = TypeVar("D", bound=Dated)


def version_on(versions: Versions[D], day: str, code: Code, what: str) -> D:
    """Return the version in force on a day. Raises TooEarly if there is none."""
    found = versions.on(day)
    if found is None:
        raise TooEarly(code, f"no {what} are in force on {day}")
    return found


def retired_once(versions: Versions[D], what: str, *, unknown: Code, retired: Code) -> None:
    """Refuse to retire what is not published, or has been retired since it was last published."""
    too_early_if(not versions.published, unknown, f"no {what} {versions.name} is published")
    refuse_if(versions.ended, retired, f"the {what} {versions.name} is already retired")


def published_ahead(*events: type[RuleData]) -> Rule:
    """Return the rule that rule data of these types begins no earlier than it is published, and ends no earlier than that."""
    return Rule(
        _ahead,
        name="published_ahead",
        sentence="Rule data is in force from the day of its publication at the earliest, never for the past, "
        "and ends no earlier than it begins.",
        events=events,
    )


def _ahead(proposed: Any) -> None:
    refuse_if(
        proposed.since < proposed.day,
        "retroactive",
        f"in force from {proposed.since}, which is before its publication on {proposed.day}",
    )
    until = proposed.until if isinstance(proposed, LimitedRuleData) else None
    refuse_if(
        until is not None and until < proposed.since,
        "ends-before-it-begins",
        f"the last day {until} is before the first day {proposed.since}",
    )


def listed_once(what: str, values: Iterable[object]) -> None:
    """Refuse what is listed twice: the list stands for a set."""
    twice = [str(each) for each, times in Counter(values).items() if times > 1]
    refuse_if(twice, "said-twice", f"{what} are listed twice: {', '.join(twice)}")


def listed(what: str, values: Iterable[object]) -> None:
    """Refuse an empty list, and what is listed twice: the list stands for a set that has members."""
    found = list(values)
    refuse_if(not found, "nothing-listed", f"no {what} are listed")
    listed_once(what, found)


def listed_as_evidence(types: Iterable[str], proving: Iterable[type[Event]]) -> None:
    """Refuse evidence of any type but those that may prove something."""
    admissible = [names()[each] for each in proving]
    barred = [each for each in types if each not in admissible]
    refuse_if(
        barred,
        "evidence-not-admissible",
        f"not admissible as evidence: {', '.join(barred)}; choose from {', '.join(admissible)}",
    )
