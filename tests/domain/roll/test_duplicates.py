"""A duplicate entry ends before two numbers are merged, and the other entry goes on, whichever began first."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.roles import RoleGranted, Scope
from streams.scenario import at, chain
from tests.contexts.duplicates import BEFORE, DUPLICATE, MERGED, ONE_CHILD, TWICE
from tests.contexts.roll import BACK, ENROLLED, ON_LEAVE, PROMOTED

FIRST: tuple[Event, ...] = ONE_CHILD
LAST: tuple[Event, ...] = (
    *BEFORE,
    replace(TWICE, occurred_at=at("2020-08-01")),
    ENROLLED,
    DUPLICATE,
    MERGED,
)
SAME_SCHOOL: tuple[Event, ...] = (
    *BEFORE,
    ENROLLED,
    replace(TWICE, school="a", district="d"),
    replace(DUPLICATE, school="a", district="d"),
    MERGED,
)
AT_A = Scope(tier="school", kind="school", organisation="a")


@pytest.mark.parametrize("history", [FIRST, LAST, SAME_SCHOOL])
def test_the_entry_that_is_left_goes_on(history: tuple[Event, ...]) -> None:
    chain(*history, PROMOTED)
    chain(*history, ON_LEAVE, BACK)
    chain(*history, RoleGranted("p", "student", AT_A, occurred_at=at("2020-12-01")))
    chain(*history).when(replace(ENROLLED, occurred_at=at("2020-12-01"))).refused("already-on-a-roll")


@pytest.mark.parametrize("history", [FIRST, LAST, SAME_SCHOOL])
def test_the_student_database_shows_the_entry_that_is_left(history: tuple[Event, ...]) -> None:
    row = chain(*history).row("students", "p")
    assert (row.school, row.status, row.since, row.others) == ("a", "enrolled", "2020-09-01", None)
    row = chain(*history, ON_LEAVE).row("students", "p")
    assert (row.status, row.leave_until) == ("on-leave", "2021-12-31")


def test_both_entries_are_shown_while_both_are_live() -> None:
    row = chain(*BEFORE, ENROLLED, TWICE, MERGED).row("students", "p")
    assert (row.school, [each.school for each in row.others]) == ("b", ["a"])
    ended = replace(DUPLICATE, person="p", occurred_at=at("2020-12-01"))
    row = chain(*BEFORE, ENROLLED, TWICE, MERGED, ended).row("students", "p")
    assert (row.school, row.others) == ("a", None)


def test_a_leave_outlives_a_duplicate_entry_elsewhere() -> None:
    leave = replace(ON_LEAVE, occurred_at=at("2020-10-02"), until="2020-12-31")
    assert chain(*BEFORE, ENROLLED, leave, TWICE, DUPLICATE, MERGED).row("leaves", "p") is not None


def test_head_counts_end_at_one_pupil() -> None:
    counted = [each.change for each in chain(*ONE_CHILD).rows("head-counts")]
    assert sum(counted) == 1
