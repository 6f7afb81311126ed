"""The read models of the evaluation, along a pupil's semester."""

from __future__ import annotations

from events.evaluation.entries import (
    EntryConfirmed,
    EntrySelected,
    EntryStruck,
    EntryUpheld,
    EntryVerified,
    EvaluationEntryRecorded,
)
from events.evaluation.practice import ActivityAttended, AttendanceRevoked, PracticeBaseClosed
from events.evaluation.published import RecordingWindowSet, UsePolicyWithdrawn
from events.evaluation.reports import (
    EvaluationCorrected,
    EvaluationReleased,
    ReportReturned,
    SelfStatementWritten,
)
from projections.evaluation.counts import EvaluationDistribution, ReportCount
from projections.evaluation.entries import EvaluationEntry
from projections.evaluation.lines import Line
from projections.evaluation.practice import PracticeActivity, PracticeBase, PracticeHours
from projections.evaluation.published import RecordingWindow
from projections.evaluation.releases import EvaluationRelease, LaterCorrection
from projections.evaluation.reports import Correction, Release
from streams.scenario import given
from tests.contexts.evaluation import (
    ATTENDED,
    CITY,
    CONFIRMED,
    CONTESTED,
    FINAL,
    KINDS,
    MEASURED,
    MEASUREMENT,
    OPENED,
    POSTED,
    READY,
    RECORDED,
    RELEASED,
    REQUIRED,
    SIGNED,
    some,
)

STRIKE = some(EvaluationCorrected, strikes=True, content=None)
SECOND = some(EvaluationEntryRecorded, entry="e-9")
REPORT = ("evaluation-reports", "p-1", "2024-autumn")
PROFILE = ("evaluation-profiles", "p-1", "2024-2025")


def test_published_data() -> None:
    city = given(*CITY)
    terms = city.row("evaluation-terms", "evaluation", "2024-01-01")
    assert (terms.kinds, terms.required, terms.objection_working_days) == (KINDS, REQUIRED, 5)
    assert terms.holidays == ["2025-01-01"]
    longer = given(*CITY, some(RecordingWindowSet, closes="2025-01-17"))
    assert longer.row("recording-windows", "2024-autumn") == RecordingWindow(
        "2024-autumn", "2024-12-16", "2025-01-17"
    )
    assert city.row("use-policies", "fudan", "up-1").withdrawn is None
    gone = given(*CITY, some(UsePolicyWithdrawn)).row("use-policies", "fudan", "up-1")
    assert (gone.since, gone.until, gone.withdrawn) == ("2024-04-01", "2027-12-31", "2026-01-01")


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


def test_an_entry_tells_its_steps() -> None:
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
    )
    again = given(*RELEASED, STRIKE, some(EvaluationReleased, candidate="c-2026-1")).row(*key)
    assert (again.candidate, again.corrections) == ("c-2026-1", [])


def test_distributions_are_changes_of_a_day() -> None:
    def figures(*events: object, day: str, kind: str = "moral-conduct") -> object:
        return given(*events).row("evaluation-distributions", "s-1", "2024-autumn", kind, day)  # type: ignore[arg-type]

    def expected(day: str, kind: str = "moral-conduct", **changes: int) -> EvaluationDistribution:
        return EvaluationDistribution("s-1", "2024-autumn", kind, day, "huangpu", **changes)

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
    where = ("s-1", "2024-autumn")
    assert rows == [
        ReportCount(*where, "2025-01-07", "huangpu", confirmed=2),
        ReportCount(*where, "2025-01-08", "huangpu", returned=1),
        ReportCount(*where, "2025-01-09", "huangpu", signed=2),
        ReportCount(*where, "2025-01-10", "huangpu", finalised=1),
        ReportCount(*where, "2025-05-01", "huangpu", corrections=1),
    ]
