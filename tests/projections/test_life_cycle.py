"""Rows with a life cycle: steps set status and days, and name fields that exist."""

from __future__ import annotations

import pytest
from msgspec import Struct

from events.event import Event
from events.roll.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered
from projections.life_cycle import LifeCycle, Step
from streams.scenario import at

OPENED = SchoolRegistered(
    school="a", name="甲小学", district="d", stages=["primary"], occurred_at=at("2020-09-01")
)
RENAMED = SchoolDetailsChanged(school="a", name="乙小学", occurred_at=at("2021-01-01"))
CLOSED = SchoolClosed(school="a", reason="撤并", occurred_at=at("2021-07-01"))


class Row(Struct):
    """A row with every field that a life cycle may set."""

    status: str = "unknown"
    opened: str | None = None
    since: str | None = None


STEPS: dict[type[Event], Step] = {SchoolRegistered: Step("open", day="opened"), SchoolClosed: Step("closed")}


def test_each_step_sets_the_status_and_records_its_day() -> None:
    steps, row = LifeCycle(Row, STEPS, since="since"), Row()
    steps.follow(row, OPENED)
    assert row == Row("open", "2020-09-01", "2020-09-01")
    steps.follow(row, CLOSED)
    assert row == Row("closed", "2020-09-01", "2021-07-01")
    assert steps.statuses == ("open", "closed")


def test_an_event_that_is_no_step_changes_nothing() -> None:
    row = Row()
    LifeCycle(Row, STEPS, since="since").follow(row, RENAMED)
    assert row == Row()


@pytest.mark.parametrize("row, since", [(Row, "changed"), (Struct, "")])
def test_a_life_cycle_names_only_fields_that_exist(row: type[Struct], since: str) -> None:
    with pytest.raises(TypeError, match="names fields that it lacks"):
        LifeCycle(row, STEPS, since=since)
