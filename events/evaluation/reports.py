"""The report of a semester: written, confirmed, signed, final, corrected, released. It has no total and no ranking."""

from __future__ import annotations

from typing import Literal

from events.evaluation.vocabulary import Dimension, EntryId, EntryKind, ReceiverId, Sealed, Semester
from events.event import District, Event, Number, PersonId, SchoolId

Signer = Literal["class-teacher", "principal"]


class OfReport(Event, frozen=True):
    """The fields of every event of a report: its pupil, the school that makes it, and the semester."""

    person: PersonId
    school: SchoolId
    district: District
    semester: Semester


class SelfStatementWritten(OfReport, frozen=True):
    """The pupil has written the self-statement (自我陈述); it may be rewritten until the report is confirmed."""

    statement: Sealed


class ReportConfirmed(OfReport, frozen=True):
    """The pupil has confirmed the report (学生确认报告); nothing in it changes any more unless it is returned."""


class ReportSigned(OfReport, frozen=True):
    """The class teacher or, after them, the principal has signed the report (班主任、校长签字)."""

    signer: Signer
    appointment: Number


class ReportReturned(OfReport, frozen=True):
    """The class teacher or the principal has returned a confirmed report to the pupil (退回)."""

    signer: Signer
    appointment: Number
    reason: Sealed


class EvaluationFinalised(OfReport, frozen=True):
    """The school has made a semester's evaluation final and archived it (归档)."""


class EvaluationCorrected(OfReport, frozen=True):
    """A final evaluation has been corrected, for a stated reason (更正); every receiver is notified.

    It concerns an entry or, without one, the self-statement; `content` replaces it, `strikes` removes the entry.
    """

    reason: Sealed
    receivers: list[ReceiverId]
    entry: EntryId | None = None
    kind: EntryKind | None = None
    strikes: bool = False
    content: Sealed | None = None


class EvaluationReleased(Event, frozen=True):
    """Final evaluations of a named candidate have been released to a receiver under its use policy: its dimensions only."""

    person: PersonId
    receiver: ReceiverId
    policy: Number
    candidate: Number
    semesters: list[Semester]
    dimensions: list[Dimension] = []


EVENTS = (
    SelfStatementWritten,
    ReportConfirmed,
    ReportSigned,
    ReportReturned,
    EvaluationFinalised,
    EvaluationCorrected,
    EvaluationReleased,
)
