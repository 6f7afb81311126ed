"""The working calendar as published, year by year."""

from __future__ import annotations

from msgspec import Struct, field

from events.calendar import WorkingDaysPublished
from projections.read_model import ReadModel


class WorkingDays(Struct):
    """The holidays and make-up working days of a year (节假日与调休), in force from a day until a newer notice."""

    rules: str
    year: int
    since: str
    holidays: list[str] = field(default_factory=list)
    extra_working_days: list[str] = field(default_factory=list)


def working_days(row: WorkingDays, event: WorkingDaysPublished) -> None:
    """Keep what was last published for the day."""
    row.holidays, row.extra_working_days = event.holidays, event.extra_working_days


READ_MODELS = (
    ReadModel("working-days", "rules", WorkingDays, working_days, filter=("year",), sort=("year", "since")),
)
