"""Daily counts of entries and reports."""

from __future__ import annotations

from events.evaluation.entries import EntryConfirmed, EntryStruck, EntryUpheld
from events.evaluation.reports import ReportReturned
from projections.evaluation.counts import EvaluationDistribution, ReportCount
from streams.scenario import given
from tests.contexts.evaluation import (
    CONFIRMED,
    CONTESTED,
    MEASURED,
    POSTED,
    READY,
    RECORDED,
    RELEASED,
    SECOND,
    SIGNED,
    STRIKE,
    some,
)


def test_distributions_are_changes_of_a_day() -> None:
    def figures(*events: object, day: str, kind: str = "moral-conduct") -> object:
        return given(*events).row("evaluation-distributions", "s-1", "huangpu", "2024-autumn", kind, day)  # type: ignore[arg-type]

    def expected(day: str, kind: str = "moral-conduct", **changes: int) -> EvaluationDistribution:
        return EvaluationDistribution("s-1", "huangpu", "2024-autumn", kind, day, **changes)

    both = [*RECORDED, SECOND]
    assert figures(*both, day="2024-12-16") == expected("2024-12-16", recorded=2)
    assert figures(*CONTESTED, day="2024-12-30") == expected("2024-12-30", contested=1)
    assert figures(*READY, day="2024-12-17") == expected("2024-12-17", verified=1)
    assert figures(*READY, day="2024-12-18") == expected("2024-12-18", selected=1)
    assert figures(*POSTED, day="2024-12-27") == expected("2024-12-27", posted=1)
    settled = [*CONTESTED, some(EntryUpheld), some(EntryStruck)]
    assert figures(*settled, day="2025-01-03") == expected("2025-01-03", upheld=1, struck=1)
    assert figures(*MEASURED, some(EntryConfirmed), day="2024-12-20", kind="physical-health") == expected(
        "2024-12-20", "physical-health", confirmed=1
    )


def test_reports_are_counted_by_day() -> None:
    rows = given(*SIGNED, some(ReportReturned), *RELEASED[len(CONFIRMED) - 1 :], STRIKE).rows(
        "evaluation-report-counts"
    )
    where = ("s-1", "huangpu", "2024-autumn")
    assert rows == [
        ReportCount(*where, "2025-01-07", confirmed=2),
        ReportCount(*where, "2025-01-08", returned=1),
        ReportCount(*where, "2025-01-09", signed=2),
        ReportCount(*where, "2025-01-10", finalised=1),
        ReportCount(*where, "2025-05-01", corrections=1),
    ]
