"""Evaluation entries by number, each with its status and the day of each step."""

from __future__ import annotations

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
from events.evaluation.reports import EvaluationCorrected
from projections.evaluation.lines import EntryStep
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel


class EvaluationEntry(Struct):
    """An entry in a pupil's evaluation; `content` is sealed, and each day is when that step was last taken."""

    entry: str
    person: str = ""
    school: str = ""
    district: str = ""
    semester: str = ""
    dimension: str = ""
    kind: str = ""
    entered_by: str = ""
    content: bytes | None = None
    activity: str | None = None
    evidence: str | None = None
    status: str = "unknown"
    recorded: str | None = None
    verified: str | None = None
    selected: str | None = None
    posted: str | None = None
    contested: str | None = None
    settled: str | None = None
    confirmed: str | None = None
    corrected: str | None = None


STEPS = LifeCycle(
    EvaluationEntry,
    {
        EvaluationEntryRecorded: Step("recorded", day="recorded"),
        EntryVerified: Step("verified", day="verified"),
        EntrySelected: Step("selected", day="selected"),
        EntryPosted: Step("posted", day="posted"),
        EntryContested: Step("contested", day="contested"),
        EntryUpheld: Step("upheld", day="settled"),
        EntryStruck: Step("struck", day="settled"),
        EntryConfirmed: Step("confirmed", day="confirmed"),
        EvaluationCorrected: Step("corrected", day="corrected"),
    },
)


def evaluation_entry(
    row: EvaluationEntry, event: EvaluationEntryRecorded | EntryStep | EvaluationCorrected
) -> None:
    """Follow an entry; its status is the latest step."""
    STEPS.follow(row, event)
    match event:
        case EvaluationEntryRecorded():
            row.person, row.school, row.district = event.person, event.school, event.district
            row.semester, row.dimension, row.kind = event.semester, event.dimension, event.kind
            row.entered_by, row.content = event.entered_by, event.content
            row.activity, row.evidence = event.activity, event.evidence
        case EvaluationCorrected():
            row.status = "struck" if event.strikes else "corrected"
            row.content = event.content or row.content


READ_MODELS = (
    ReadModel(
        "evaluation-entries",
        "entry",
        EvaluationEntry,
        evaluation_entry,
        filter=("person", "school", "district", "semester", "dimension", "kind", "status"),
        sort=("recorded", "posted"),
    ),
)
