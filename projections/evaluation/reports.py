"""Semester reports (综合素质评价报告): self statement, signatures, corrections, and releases."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from events.evaluation.entries import EvaluationEntryRecorded
from events.evaluation.reports import (
    EvaluationCorrected,
    EvaluationFinalised,
    EvaluationReleased,
    ReportConfirmed,
    ReportReturned,
    ReportSigned,
    SelfStatementWritten,
)
from projections.evaluation.lines import EntryStep, Line, finish, line, step
from projections.read_model import ReadModel


class Correction(Struct):
    """A correction to a final report: the entry (null for the self statement), and the receivers notified."""

    day: str
    entry: str | None
    struck: bool
    receivers: list[str]


class Release(Struct):
    """A release of a report to a receiver: the day, the use policy, and the candidate."""

    day: str
    receiver: str
    policy: str
    candidate: str


class EvaluationReport(Struct):
    """A pupil's report for a semester; `statement` is sealed, and `signed` holds the day of each signature."""

    person: str
    semester: str
    school: str = ""
    district: str = ""
    status: str = "open"
    statement: bytes | None = None
    entries: dict[str, Line] = field(default_factory=dict)
    confirmed: str | None = None
    signed: dict[str, str] = field(default_factory=dict)
    finalised: str | None = None
    corrections: list[Correction] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)


Making = SelfStatementWritten | ReportConfirmed | ReportSigned | ReportReturned | EvaluationFinalised
OfReport = EvaluationEntryRecorded | EntryStep | Making | EvaluationCorrected | EvaluationReleased


def evaluation_report(row: EvaluationReport, event: OfReport) -> None:
    """Follow a report and its entries, then its corrections and releases."""
    match event:
        case EvaluationReleased():
            row.releases.append(Release(event.day, event.receiver, event.policy, event.candidate))
        case EvaluationCorrected():
            _correct(row, event)
        case (
            SelfStatementWritten()
            | ReportConfirmed()
            | ReportSigned()
            | ReportReturned()
            | EvaluationFinalised()
        ):
            _make(row, event)
        case EvaluationEntryRecorded():
            row.entries[event.entry] = line(event)
        case _:
            step(row.entries.get(event.entry), event)


def _make(row: EvaluationReport, event: Making) -> None:
    row.school, row.district = event.school, event.district
    match event:
        case SelfStatementWritten():
            row.statement = event.statement
        case ReportConfirmed():
            row.status, row.confirmed = "confirmed", event.day
        case ReportSigned():
            row.status, row.signed[event.signer] = "signed", event.day
        case ReportReturned():
            row.status, row.confirmed, row.signed = "returned", None, {}
        case EvaluationFinalised():
            row.status, row.finalised = "final", event.day
            for each in row.entries.values():
                finish(each)


def _correct(row: EvaluationReport, event: EvaluationCorrected) -> None:
    row.corrections.append(Correction(event.day, event.entry, event.strikes, [*event.receivers]))
    if event.entry is not None:
        step(row.entries.get(event.entry), event)
    elif event.content is not None:
        row.statement = event.content


def semesters(event: OfReport) -> Iterator[tuple[str]]:
    """Yield each semester that an event is about."""
    for each in dict.fromkeys(event.semesters if isinstance(event, EvaluationReleased) else [event.semester]):
        yield (each,)


READ_MODELS = (
    ReadModel(
        "evaluation-reports",
        "person",
        EvaluationReport,
        evaluation_report,
        parts=semesters,
        filter=("semester", "school", "district", "status"),
        sort=("finalised",),
    ),
)
