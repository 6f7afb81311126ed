"""Rules of the working calendar: a notice is about the days of its year, and says nothing twice."""

from __future__ import annotations

from datetime import date

from domain.dated import listed, listed_once, published_ahead
from domain.rule import Rule, refuse_if
from events.calendar import WorkingDaysPublished
from events.clock import SATURDAY


def notice_is_clear(proposed: WorkingDaysPublished) -> None:
    """A notice lists days of its year, each once; a make-up working day (调休) is a Saturday or a Sunday."""
    listed("holidays", proposed.holidays)
    listed_once("days", [*proposed.holidays, *proposed.extra_working_days])
    told = [*proposed.holidays, *proposed.extra_working_days]
    other = [each for each in told if int(each[:4]) != proposed.year]
    other += [proposed.since] if int(proposed.since[:4]) > proposed.year else []
    refuse_if(other, "other-year", f"not in {proposed.year}: {', '.join(other)}")
    usual = [each for each in proposed.extra_working_days if date.fromisoformat(each).weekday() < SATURDAY]
    refuse_if(usual, "works-anyway", f"neither a Saturday nor a Sunday: {', '.join(usual)}")


RULES = (published_ahead(WorkingDaysPublished), Rule(notice_is_clear))
