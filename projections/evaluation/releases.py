"""Releases by receiver: what each has received, and every later correction that it must take over."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from events.evaluation.reports import EvaluationCorrected, EvaluationReleased
from projections.read_model import ReadModel


class LaterCorrection(Struct):
    """A correction after the release, of an entry (None: of the self statement)."""

    day: str
    entry: str | None
    struck: bool


class EvaluationRelease(Struct):
    """A candidate's evaluation of a semester that a receiver holds, and the corrections since."""

    receiver: str
    person: str
    semester: str
    candidate: str = ""
    policy: str = ""
    released: str | None = None
    corrections: list[LaterCorrection] = field(default_factory=list)


def evaluation_release(row: EvaluationRelease, event: EvaluationReleased | EvaluationCorrected) -> None:
    """Keep the last release, which holds all corrections before it, and list those after it."""
    match event:
        case EvaluationReleased():
            row.candidate, row.policy, row.released = event.candidate, event.policy, event.day
            row.corrections = []
        case EvaluationCorrected():
            row.corrections.append(LaterCorrection(event.day, event.entry, event.strikes))


def person_and_semester(event: EvaluationReleased | EvaluationCorrected) -> Iterator[tuple[str, str]]:
    """Give whose evaluations of which semesters a receiver learns of."""
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
