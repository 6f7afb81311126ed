"""Reports of a semester."""

from __future__ import annotations

from events.evaluation.reports import EvaluationCorrected, ReportReturned, SelfStatementWritten
from projections.evaluation.reports import Correction, Release
from streams.scenario import given
from tests.contexts.evaluation import CONFIRMED, POSTED, RELEASED, SIGNED, some

REPORT = ("evaluation-reports", "p-1", "2024-autumn")


def test_a_report_from_statement_to_correction() -> None:
    written = given(*POSTED, some(SelfStatementWritten)).row(*REPORT)
    assert (written.status, written.statement, written.school) == ("open", b"statement", "s-1")
    assert given(*CONFIRMED).row(*REPORT).confirmed == "2025-01-07"
    signed = given(*SIGNED).row(*REPORT)
    assert signed.signed == {"class-teacher": "2025-01-08", "principal": "2025-01-09"}
    returned = given(*SIGNED, some(ReportReturned)).row(*REPORT)
    assert (returned.status, returned.confirmed, returned.signed) == ("returned", None, {})
    final = given(*RELEASED, some(EvaluationCorrected, entry=None, kind=None)).row(*REPORT)
    assert (final.status, final.finalised, final.statement) == ("final", "2025-01-10", b"new")
    assert final.releases == [Release("2025-04-01", "fudan", "up-1", "c-2025-1")]
    assert final.corrections == [Correction("2025-05-01", None, struck=False, receivers=["fudan"])]
