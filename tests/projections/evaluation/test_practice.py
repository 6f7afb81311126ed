"""Practice bases, activities and hours."""

from __future__ import annotations

from events.evaluation.practice import ActivityAttended, AttendanceRevoked, PracticeBaseClosed
from projections.evaluation.practice import PracticeActivity, PracticeBase, PracticeHours
from streams.scenario import given
from tests.contexts.evaluation import ATTENDED, OPENED, some


def test_practice_bases_and_their_activities() -> None:
    assert given(*OPENED).row("practice-bases", "b-1") == PracticeBase(
        "b-1", "上海博物馆", "huangpu", ["public-service"], "open", 1
    )
    assert given(*OPENED, some(PracticeBaseClosed)).row("practice-bases", "b-1").status == "closed"
    assert given(*ATTENDED).row("practice-activities", "a-1") == PracticeActivity(
        "a-1",
        "b-1",
        "志愿讲解",
        "public-service",
        "2024-autumn",
        "2024-10-01",
        "2024-10-31",
        minutes_a_day=240,
        attendances=1,
    )


def test_practice_hours_by_stage_and_semester() -> None:
    key = ("practice-hours", "p-1", "upper-secondary", "public-service")
    twice = [*ATTENDED, some(ActivityAttended, "2024-10-06", minutes=60)]
    assert given(*OPENED).row(*key) is None
    assert given(*twice).row(*key) == PracticeHours(
        "p-1", "upper-secondary", "public-service", 240, {"2024-autumn": 240}
    )
    revoked = given(*twice, some(AttendanceRevoked))
    assert revoked.row(*key).minutes == 60
    assert revoked.row("practice-activities", "a-1").attendances == 1
