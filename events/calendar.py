"""The working calendar (节假日与调休): on which days deadlines count, as the State Council's yearly notices say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from events.clock import SATURDAY
from events.dated import RULES_TAG, Data, RuleData, Versions, follow
from events.event import Day
from events.fold import Fold


class WorkingDaysPublished(RuleData, frozen=True):
    """The holidays and the make-up working days of a year have been published (国务院办公厅节假日安排).

    `extra_working_days` are the Saturdays and Sundays on which people work to make up for a holiday (调休). A year
    for which nothing is published has the working days Monday to Friday.
    """

    since: Day
    year: Annotated[int, Meta(ge=1990, le=2200)]
    holidays: list[Day]
    extra_working_days: list[Day] = []
    rules: Annotated[Literal["calendar"], RULES_TAG] = "calendar"


class Calendar(Struct):
    """The notices of all years."""

    name: str
    years: dict[int, Versions[WorkingDaysPublished]] = field(default_factory=dict)

    def works_on(self, day: str) -> bool:
        """Return whether a day is a working day, by the notice for its year that is in force on it."""
        found = self.years.get(int(day[:4]))
        notice = found.on(day) if found else None
        if notice is not None and day in notice.extra_working_days:
            return True
        holiday = notice is not None and day in notice.holidays
        return not holiday and date.fromisoformat(day).weekday() < SATURDAY


def calendar(state: Calendar, event: WorkingDaysPublished) -> None:
    """Keep the notices of each year."""
    follow(state.years.setdefault(event.year, Versions(str(event.year))), event)


CALENDAR: Data[Calendar] = Data(Fold("rules", Calendar, calendar), "calendar")


def plus_working_days(calendar: Calendar, day: str, count: int) -> str:
    """Return the date a number of working days after a day, which itself does not count."""
    current = date.fromisoformat(day)
    while count > 0:
        current += timedelta(days=1)
        count -= calendar.works_on(current.isoformat())
    return current.isoformat()


def working_days(calendar: Calendar, after: str, upto: str) -> int:
    """Return the number of working days after one day, up to another and including it; negative if that is earlier."""
    if upto < after:
        return -working_days(calendar, upto, after)
    first, last = date.fromisoformat(after), date.fromisoformat(upto)
    days = (first + timedelta(days=ahead) for ahead in range(1, (last - first).days + 1))
    return sum(calendar.works_on(each.isoformat()) for each in days)


EVENTS = (WorkingDaysPublished,)
