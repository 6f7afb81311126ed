"""Daily counts per school: how many entries of each kind, and how many reports, took which step."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct

from events.evaluation.entries import (
    EntryConfirmed,
    EntryContested,
    EntryPosted,
    EntrySelected,
    EntryStruck,
    EntryUpheld,
    EntryVerified,
    EvaluationEntryRecorded,
)
from events.evaluation.reports import (
    EvaluationCorrected,
    EvaluationFinalised,
    ReportConfirmed,
    ReportReturned,
    ReportSigned,
)
from events.fold import accepted
from projections.evaluation.lines import EntryStep
from projections.read_model import OfDay, ReadModel

EntryEvent = EvaluationEntryRecorded | EntryStep
ReportEvent = ReportConfirmed | ReportSigned | ReportReturned | EvaluationFinalised | EvaluationCorrected


class EvaluationDistribution(Struct):
    """A semester's entries of one kind at a school: how many took each step on a day."""

    school: str
    district: str
    semester: str
    kind: str
    day: Annotated[str, OfDay()]
    recorded: int = 0
    verified: int = 0
    selected: int = 0
    posted: int = 0
    contested: int = 0
    upheld: int = 0
    struck: int = 0
    confirmed: int = 0


def evaluation_distribution(row: EvaluationDistribution, event: EntryEvent) -> None:
    """Count each step."""
    match event:
        case EvaluationEntryRecorded():
            row.recorded += 1
        case EntryVerified():
            row.verified += 1
        case EntrySelected():
            row.selected += 1
        case EntryPosted():
            row.posted += 1
        case EntryContested():
            row.contested += 1
        case EntryUpheld():
            row.upheld += 1
        case EntryStruck():
            row.struck += 1
        case EntryConfirmed():
            row.confirmed += 1


class ReportCount(Struct):
    """A semester's reports at a school: how many took each step on a day, and how many corrections were made."""

    school: str
    district: str
    semester: str
    day: Annotated[str, OfDay()]
    confirmed: int = 0
    signed: int = 0
    returned: int = 0
    finalised: int = 0
    corrections: int = 0


def report_count(row: ReportCount, event: ReportEvent) -> None:
    """Count each step; a report counts as signed once the principal, who signs last, has signed it."""
    match event:
        case ReportConfirmed():
            row.confirmed += 1
        case ReportSigned():
            row.signed += event.signer == "principal"
        case ReportReturned():
            row.returned += 1
        case EvaluationFinalised():
            row.finalised += 1
        case EvaluationCorrected():
            row.corrections += 1


READ_MODELS = (
    ReadModel(
        "evaluation-distributions",
        "school",
        EvaluationDistribution,
        evaluation_distribution,
        anytime=accepted(evaluation_distribution),
        filter=("district", "semester", "kind", "day"),
    ),
    ReadModel(
        "evaluation-report-counts",
        "school",
        ReportCount,
        report_count,
        anytime=accepted(report_count),
        filter=("district", "semester", "day"),
    ),
)
