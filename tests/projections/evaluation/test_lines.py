"""Lines of reports and profiles, which follow their entries."""

from __future__ import annotations

from events.evaluation.entries import EntryConfirmed, EntrySelected, EntryStruck, EntryUpheld, EntryVerified
from events.evaluation.reports import EvaluationCorrected
from streams.scenario import given
from tests.contexts.evaluation import (
    CITY,
    CONTESTED,
    FINAL,
    MEASURED,
    MEASUREMENT,
    POSTED,
    RECORDED,
    RELEASED,
    SECOND,
    STRIKE,
    some,
)

REPORT = ("evaluation-reports", "p-1", "2024-autumn")
PROFILE = ("evaluation-profiles", "p-1", "2024-2025")


def test_lines_follow_their_entries() -> None:
    def status(*events: object, entry: str = "e-1") -> str:
        row = given(*events).row(*REPORT)  # type: ignore[arg-type]
        found: str = row.entries[entry].status
        profile = given(*events).row(*PROFILE)  # type: ignore[arg-type]
        assert [lines[entry].status for lines in profile.dimensions.values() if entry in lines] == [found]
        return found

    assert status(*RECORDED) == "recorded"
    assert status(*RECORDED, some(EntryVerified)) == "verified"
    assert status(*RECORDED, some(EntrySelected)) == "selected"
    assert status(*POSTED) == "posted"
    assert status(*CONTESTED) == "contested"
    assert status(*CONTESTED, some(EntryUpheld)) == "upheld"
    assert status(*CONTESTED, some(EntryStruck)) == "struck"
    assert status(*MEASURED, some(EntryConfirmed), entry="e-2") == "confirmed"
    assert status(*FINAL) == "final"
    assert status(*RECORDED, SECOND, *FINAL[len(RECORDED) :], entry="e-9") == "left-out"
    assert status(*RELEASED, some(EvaluationCorrected)) == "final"
    assert status(*RELEASED, STRIKE) == "struck"


def test_a_step_of_an_unknown_entry_changes_nothing() -> None:
    stray = some(EntryConfirmed, **MEASUREMENT)
    assert given(*CITY, stray).row(*REPORT).entries == {}
    assert given(*CITY, stray).row(*PROFILE).dimensions == {}
