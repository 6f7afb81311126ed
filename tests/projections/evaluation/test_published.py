"""Published evaluation data."""

from __future__ import annotations

from events.evaluation.published import RecordingWindowSet, UsePolicyWithdrawn
from projections.evaluation.published import RecordingWindow
from streams.scenario import given
from tests.contexts.evaluation import CITY, KINDS, REQUIRED, some


def test_published_data() -> None:
    city = given(*CITY)
    terms = city.row("evaluation-terms", "evaluation", "2024-01-01")
    assert (terms.kinds, terms.required, terms.objection_working_days) == (KINDS, REQUIRED, 5)
    longer = given(*CITY, some(RecordingWindowSet, closes="2025-01-17"))
    assert longer.row("recording-windows", "2024-autumn") == RecordingWindow(
        "2024-autumn", "2024-12-16", "2025-01-17"
    )
    assert city.row("use-policies", "fudan", "up-1").withdrawn is None
    gone = given(*CITY, some(UsePolicyWithdrawn)).row("use-policies", "fudan", "up-1")
    assert (gone.since, gone.until, gone.withdrawn) == ("2024-04-01", "2027-12-31", "2026-01-01")
