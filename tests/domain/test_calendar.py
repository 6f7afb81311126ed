"""The working calendar: what a notice may say, and how deadlines count by it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from chinese_calendar import is_workday
from hypothesis import given as drawn
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.upstream.city.calendar import notices
from adapters.upstream.city.clockwork import CityPlan
from events.calendar import CALENDAR, Calendar, WorkingDaysPublished, plus_working_days, working_days
from streams.scenario import at, given
from tests.contexts.calendar import AUTUMN_2024, notice

CITY = list(notices(CityPlan(100, 1)))
FIRST = date(2003, 1, 1)


def calendar(*published: WorkingDaysPublished) -> Calendar:
    state = Calendar("calendar")
    for each in published:
        CALENDAR.fold.evolve(state, each)
    return state


WHOLE = calendar(*(each for each in CITY if isinstance(each, WorkingDaysPublished)))
days = st.integers(0, 24 * 365).map(lambda ahead: (FIRST + timedelta(days=ahead)).isoformat())


def test_ten_working_days_from_a_friday_before_national_day() -> None:
    assert plus_working_days(calendar(AUTUMN_2024), "2024-09-27", 10) == "2024-10-16"
    assert plus_working_days(calendar(), "2024-09-27", 10) == "2024-10-11"


def test_the_sample_city_publishes_every_year_as_the_state_council_did() -> None:
    assert sorted(WHOLE.years) == list(range(2004, 2027))
    every = (date(2004, 1, 1) + timedelta(days=ahead) for ahead in range(23 * 365 + 6))
    assert [each for each in every if WHOLE.works_on(each.isoformat()) != is_workday(each)] == []


def test_a_year_without_notice_counts_monday_to_friday() -> None:
    assert [WHOLE.works_on(f"2003-10-0{day}") for day in range(1, 8)] == [True] * 3 + [False] * 2 + [True] * 2


def test_a_changed_notice_counts_from_its_first_day_on() -> None:
    longer = replace(
        notice(2020, "2020-01-24", "2020-01-31", "2020-02-03"),
        since="2020-01-27",
        occurred_at=at("2020-01-27"),
    )
    changed = calendar(notice(2020, "2020-01-24"), longer)
    assert not changed.works_on("2020-01-24")
    assert not changed.works_on("2020-01-31")
    assert calendar(notice(2020, "2020-01-24")).works_on("2020-01-31")


@drawn(days, st.integers(0, 60))
def test_as_many_working_days_lie_between_as_were_added(day: str, count: int) -> None:
    last = plus_working_days(WHOLE, day, count)
    assert working_days(WHOLE, day, last) == count
    assert working_days(WHOLE, last, day) == -count
    assert count == 0 or WHOLE.works_on(last)


@pytest.mark.parametrize(
    "proposed, code",
    [
        (notice(2025), "nothing-listed"),
        (notice(2025, "2025-01-01", "2025-01-01"), "said-twice"),
        (notice(2025, "2025-01-04", extra=("2025-01-04",)), "said-twice"),
        (notice(2025, "2026-01-01"), "other-year"),
        (notice(2025, "2025-01-01", extra=("2024-12-29",)), "other-year"),
        (replace(notice(2025, "2025-01-01"), since="2026-01-01"), "other-year"),
        (notice(2025, "2025-01-01", extra=("2025-01-06",)), "works-anyway"),
        (replace(notice(2025, "2025-01-01"), occurred_at=at("2025-01-02")), "retroactive"),
    ],
)
def test_a_notice_that_makes_no_sense_is_refused(proposed: WorkingDaysPublished, code: str) -> None:
    given().when(proposed).refused(code)


def test_a_notice_is_published_ahead_and_can_be_changed() -> None:
    given().when(AUTUMN_2024).admitted()
    later = replace(AUTUMN_2024, since="2024-06-01", occurred_at=at("2024-06-01"))
    given(AUTUMN_2024).when(later).admitted()
    row = given(AUTUMN_2024, later).row("working-days", "calendar", 2024, "2024-06-01")
    assert row.extra_working_days == ["2024-09-29", "2024-10-12"]
