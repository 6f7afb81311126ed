"""The stage table and the time limits of the roll, published as rule data."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from domain.dated import listed, listed_once, published_ahead, version_on
from domain.rule import Refused, Rule, refuse_if
from events.dated import Versions
from events.roll.published import RollRulesPublished, StageTerms
from events.roll.vocabulary import Stage

RollRules: TypeAlias = Versions[RollRulesPublished]


def rules_on(rules: RollRules, day: str) -> RollRulesPublished:
    """Return the roll rules in force on a day. Raises TooEarly if there are none."""
    return version_on(rules, day, "no-roll-rules", "roll rules")


def stage_on(rules: RollRules, stage: Stage, day: str) -> StageTerms:
    """Return the terms of a stage on a day. Raises Refused if the stage table has no such stage."""
    for each in rules_on(rules, day).stages:
        if each.stage == stage:
            return each
    raise Refused("no-such-stage", f"the stage table in force on {day} does not list {stage}")


def grade_of_stage(terms: StageTerms, grade: int) -> None:
    """Refuse a grade that does not belong to the stage in the stage table."""
    refuse_if(
        not terms.first_grade <= grade <= terms.last_grade,
        "grade-outside-stage",
        f"{terms.stage} has the grades {terms.first_grade} to {terms.last_grade}, not {grade}",
    )


def compulsory_on(rules: RollRules, stage: Stage, day: str) -> bool:
    """Return whether the stage table in force on a day says that a stage is compulsory."""
    found = rules.on(day)
    return found is not None and any(each.compulsory for each in found.stages if each.stage == stage)


def school_year(terms: RollRulesPublished, day: str) -> int:
    """Return the calendar year in which the school year of a day began."""
    return int(day[:4]) - (day[5:] < terms.school_year_starts)


def begun_on(rules: RollRules, day: str) -> RollRulesPublished | None:
    """Return the rules in force on a day if their gate has been passed, else None."""
    found = rules.on(day)
    return found if found is not None and (found.gate or day) <= day else None


def rules_are_clear(proposed: RollRulesPublished) -> None:
    """The stage table lists each stage once, and its grades ascend; an age is for a stage of the table."""
    listed("stages", [each.stage for each in proposed.stages])
    for each in proposed.stages:
        refuse_if(
            each.last_grade < each.first_grade,
            "grades-descend",
            f"{each.stage} has the grades {each.first_grade} to {each.last_grade}, which descend",
        )
    ages = [each.stage for each in proposed.entry_age]
    listed_once("ages of entry", ages)
    unknown = sorted(set(ages) - {each.stage for each in proposed.stages})
    refuse_if(unknown, "no-such-stage", f"the stage table does not list {', '.join(unknown)}")
    refuse_if(
        not _is_day(proposed.school_year_starts),
        "no-such-day",
        f"a school year begins on a month and a day such as 09-01, not on {proposed.school_year_starts}",
    )


def _is_day(month_and_day: str) -> bool:
    try:
        return f"2001-{month_and_day}" == date.fromisoformat(f"2001-{month_and_day}").isoformat()
    except ValueError:
        return False


RULES = (published_ahead(RollRulesPublished), Rule(rules_are_clear))
