"""Profiles of a school year."""

from __future__ import annotations

from events.evaluation.entries import EvaluationEntryRecorded
from projections.evaluation.lines import Line
from streams.scenario import given
from tests.contexts.evaluation import FINAL, some

PROFILE = ("evaluation-profiles", "p-1", "2024-2025")


def test_a_profile_holds_both_semesters_by_dimension() -> None:
    spring = {"entry": "e-4", "semester": "2025-spring"}
    row = given(*FINAL, some(EvaluationEntryRecorded, "2025-05-01", **spring)).row(*PROFILE)
    assert row.final == ["2024-autumn"]
    assert row.dimensions == {
        "morality-and-citizenship": {
            "e-1": Line("moral-conduct", "morality-and-citizenship", "2024-autumn", "final", reported=True),
            "e-4": Line("moral-conduct", "morality-and-citizenship", "2025-spring"),
        }
    }
