"""Evaluation entries, from recording to correction."""

from __future__ import annotations

from events.evaluation.entries import EntryConfirmed, EntryStruck, EntryUpheld
from events.evaluation.reports import EvaluationCorrected
from projections.evaluation.entries import EvaluationEntry
from streams.scenario import given
from tests.contexts.evaluation import CONTESTED, MEASURED, POSTED, RECORDED, RELEASED, STRIKE, some


def test_an_entry_shows_its_steps() -> None:
    assert given(*RECORDED).row("evaluation-entries", "e-1") == EvaluationEntry(
        "e-1",
        person="p-1",
        school="s-1",
        district="huangpu",
        semester="2024-autumn",
        dimension="morality-and-citizenship",
        kind="moral-conduct",
        entered_by="pupil",
        content=b"sealed",
        status="recorded",
        recorded="2024-12-16",
    )
    row = given(*CONTESTED).row("evaluation-entries", "e-1")
    assert row.status == "contested"
    assert (row.verified, row.selected) == ("2024-12-17", "2024-12-18")
    assert (row.posted, row.contested) == ("2024-12-27", "2024-12-30")
    upheld = given(*CONTESTED, some(EntryUpheld)).row("evaluation-entries", "e-1")
    assert (upheld.status, upheld.settled) == ("upheld", "2025-01-03")
    assert given(*POSTED, some(EntryStruck)).row("evaluation-entries", "e-1").status == "struck"
    confirmed = given(*MEASURED, some(EntryConfirmed)).row("evaluation-entries", "e-2")
    assert (confirmed.status, confirmed.confirmed) == ("confirmed", "2024-12-20")


def test_a_corrected_entry_has_its_new_content_and_a_struck_one_keeps_the_old() -> None:
    corrected = given(*RELEASED, some(EvaluationCorrected)).row("evaluation-entries", "e-1")
    assert (corrected.status, corrected.content, corrected.corrected) == ("corrected", b"new", "2025-05-01")
    struck = given(*RELEASED, STRIKE).row("evaluation-entries", "e-1")
    assert (struck.status, struck.content) == ("struck", b"sealed")
