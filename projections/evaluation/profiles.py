"""Profiles: a pupil's evaluation over a school year, by dimension, without total or ranking."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from events.evaluation.entries import EvaluationEntryRecorded
from events.evaluation.reports import EvaluationCorrected, EvaluationFinalised
from projections.evaluation.lines import EntryStep, Line, finish, line, step
from projections.read_model import ReadModel


class EvaluationProfile(Struct):
    """A pupil's entries in a school year (学年) by dimension (维度), and the semesters with a final report."""

    person: str
    school_year: str
    dimensions: dict[str, dict[str, Line]] = field(default_factory=dict)
    final: list[str] = field(default_factory=list)


OfProfile = EvaluationEntryRecorded | EntryStep | EvaluationFinalised | EvaluationCorrected


def evaluation_profile(row: EvaluationProfile, event: OfProfile) -> None:
    """Follow the entries of both semesters."""
    match event:
        case EvaluationEntryRecorded():
            row.dimensions.setdefault(event.dimension, {})[event.entry] = line(event)
        case EvaluationFinalised():
            row.final.append(event.semester)
            for lines in row.dimensions.values():
                for each in lines.values():
                    if each.semester == event.semester:
                        finish(each)
        case _ if event.entry is not None:
            for lines in row.dimensions.values():
                step(lines.get(event.entry), event)


def school_year(event: OfProfile) -> Iterator[tuple[str]]:
    """Yield the school year of the event's semester: 2024-2025 for 2024-autumn and 2025-spring."""
    year, _, season = event.semester.partition("-")
    first = int(year) - (season == "spring")
    yield (f"{first:04}-{first + 1:04}",)


READ_MODELS = (
    ReadModel(
        "evaluation-profiles",
        "person",
        EvaluationProfile,
        evaluation_profile,
        parts=school_year,
        filter=("school_year",),
    ),
)
