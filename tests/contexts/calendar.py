"""Notices of the working calendar."""

from __future__ import annotations

from events.calendar import WorkingDaysPublished
from streams.scenario import at


def notice(year: int, *holidays: str, extra: tuple[str, ...] = ()) -> WorkingDaysPublished:
    """Return the notice for a year, published in December of the year before."""
    return WorkingDaysPublished(
        f"{year}-01-01", year, list(holidays), list(extra), occurred_at=at(f"{year - 1}-12-01")
    )


AUTUMN_2024 = notice(
    2024,
    "2024-10-01",
    "2024-10-02",
    "2024-10-03",
    "2024-10-04",
    "2024-10-05",
    "2024-10-06",
    "2024-10-07",
    extra=("2024-09-29", "2024-10-12"),
)
"""National Day of 2024 with its two make-up days, as the State Council published them."""
