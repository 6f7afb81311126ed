"""Lines of reports and profiles: entries in brief, each with its status."""

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
from events.evaluation.vocabulary import Dimension, EntryKind

EntryStep = (
    EntryVerified | EntrySelected | EntryPosted | EntryContested | EntryUpheld | EntryStruck | EntryConfirmed
)


class Line(Struct):
    """An entry in brief: `status` is its latest step or, in a final report, whether the report includes it.

    `reported` is true once the entry has been posted or confirmed: it then belongs in the report, unless
    it is struck.
    """

    kind: EntryKind
    dimension: Dimension
    semester: str
    status: str = "recorded"
    reported: bool = False


def line(event: EvaluationEntryRecorded) -> Line:
    """Return the line of a new entry."""
    return Line(event.kind, event.dimension, event.semester)


def step(line: Line | None, event: EntryStep | EvaluationCorrected) -> None:
    """Record an entry's latest step; there is no line if the entry belongs to another person's history."""
    if line is None:
        return
    match event:
        case EntryVerified():
            line.status = "verified"
        case EntrySelected():
            line.status = "selected"
        case EntryPosted():
            line.status, line.reported = "posted", True
        case EntryContested():
            line.status = "contested"
        case EntryUpheld():
            line.status = "upheld"
        case EntryConfirmed():
            line.status, line.reported = "confirmed", True
        case EntryStruck():
            line.status = "struck"
        case EvaluationCorrected() if event.strikes:
            line.status = "struck"


def finish(line: Line) -> None:
    """Record whether the final report includes an entry."""
    if line.status != "struck":
        line.status = "final" if line.reported else "left-out"
