"""Releases by receiver: the evaluations that each has received, and later corrections that it must adopt."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from events.evaluation.reports import EvaluationCorrected, EvaluationReleased
from events.evaluation.vocabulary import Dimension
from projections.read_model import ReadModel


class LaterCorrection(Struct):
    """A correction made after the release, to an entry or, if `entry` is null, to the self statement."""

    day: str
    entry: str | None
    struck: bool


class EvaluationRelease(Struct):
    """A candidate's evaluation for a semester as released to a receiver, and the corrections made since."""

    receiver: str
    person: str
    semester: str
    candidate: str = ""
    policy: str = ""
    released: str | None = None
    corrections: list[LaterCorrection] = field(default_factory=list)
    dimensions: list[Dimension] = field(default_factory=list)


def evaluation_release(row: EvaluationRelease, event: EvaluationReleased | EvaluationCorrected) -> None:
    """Keep the latest release, which includes all earlier corrections, and list the later ones."""
    match event:
        case EvaluationReleased():
            row.candidate, row.policy, row.released = event.candidate, event.policy, event.day
            row.dimensions, row.corrections = event.dimensions, []
        case EvaluationCorrected():
            row.corrections.append(LaterCorrection(event.day, event.entry, event.strikes))


def person_and_semester(event: EvaluationReleased | EvaluationCorrected) -> Iterator[tuple[str, str]]:
    """Yield the person and each semester that an event is about."""
    released = event.semesters if isinstance(event, EvaluationReleased) else [event.semester]
    for semester in dict.fromkeys(released):
        yield event.person, semester


READ_MODELS = (
    ReadModel(
        "evaluation-releases",
        "receiver",
        EvaluationRelease,
        evaluation_release,
        parts=person_and_semester,
        filter=("person", "semester", "candidate"),
        sort=("released",),
    ),
)
