"""Releases to receivers."""

from __future__ import annotations

from events.evaluation.reports import EvaluationCorrected, EvaluationReleased
from projections.evaluation.releases import EvaluationRelease, LaterCorrection
from streams.scenario import given
from tests.contexts.evaluation import FINAL, RELEASED, STRIKE, some


def test_a_receiver_learns_of_every_later_correction() -> None:
    key = ("evaluation-releases", "fudan", "p-1", "2024-autumn")
    assert given(*FINAL).row(*key) is None
    corrected = given(*RELEASED, some(EvaluationCorrected), STRIKE)
    assert corrected.row(*key) == EvaluationRelease(
        "fudan",
        "p-1",
        "2024-autumn",
        "c-2025-1",
        "up-1",
        "2025-04-01",
        [
            LaterCorrection("2025-05-01", "e-1", struck=False),
            LaterCorrection("2025-05-01", "e-1", struck=True),
        ],
        ["innovation-and-practice"],
    )
    again = given(*RELEASED, STRIKE, some(EvaluationReleased, candidate="c-2026-1")).row(*key)
    assert (again.candidate, again.corrections) == ("c-2026-1", [])
