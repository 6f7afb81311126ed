"""The sample city's working calendar: the State Council's notices since 2004, as `chinesecalendar` has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chinese_calendar.constants import holidays, workdays

from adapters.upstream.city.clockwork import Actor, CityPlan, moment
from events.calendar import WorkingDaysPublished
from events.event import Event


def notices(plan: CityPlan) -> Iterator[Event]:
    """Publish each year's holidays and make-up working days, in December of the year before."""
    chance = plan.chance("calendar")
    actor = Actor("state-council", "working-days", chance)
    for year in sorted({each.year for each in holidays}):
        off, extra = (
            [each.isoformat() for each in sorted(days) if each.year == year] for days in (holidays, workdays)
        )
        notice = WorkingDaysPublished(f"{year}-01-01", year, off, extra)
        yield actor.says(notice, moment(date(year - 1, 12, 1), chance))
