"""Entries of the evaluation: recorded, verified, selected, posted, contested, upheld, struck or confirmed."""

from __future__ import annotations

from typing import Annotated, Literal

from events.evaluation.practice import ActivityAttended
from events.evaluation.vocabulary import Dimension, Enterer, EntryId, EntryKind, Sealed, Semester
from events.event import Cites, District, Event, EventIdentity, Number, PersonId, SchoolId
from events.integrity.vocabulary import EventType
from events.learning.certificates import CertificateIssued
from events.learning.courses import CourseCompleted

PROVING: tuple[type[Event], ...] = (ActivityAttended, CourseCompleted, CertificateIssued)
"""What an entry may cite as evidence."""

Evidence = Annotated[EventIdentity, Cites(types=PROVING, about=("person",), kind="evidence_kind")]


class OfEntry(Event, frozen=True):
    """The fields of every event of an entry: its pupil, and the school, semester and kind it was recorded with."""

    person: PersonId
    entry: EntryId
    school: SchoolId
    district: District
    semester: Semester
    kind: EntryKind


class EvaluationEntryRecorded(OfEntry, frozen=True):
    """An entry has been recorded in a pupil's evaluation (写实记录) by a party that the terms allow."""

    dimension: Dimension
    entered_by: Enterer
    content: Sealed
    activity: Number | None = None
    evidence: Evidence | None = None
    evidence_kind: EventType | None = None


class EntryVerified(OfEntry, frozen=True):
    """A teacher of the school has verified an entry (审核)."""

    appointment: Number


class EntrySelected(OfEntry, frozen=True):
    """The pupil has selected an entry for the report (遴选)."""


class EntryPosted(OfEntry, frozen=True):
    """An entry has been put on public notice at the school (公示); the objection period begins."""


class EntryContested(OfEntry, frozen=True):
    """An objection has been made to an entry (异议)."""

    by: Literal["pupil", "guardian", "schoolmate", "teacher", "public"]
    grounds: Sealed


class EntryUpheld(OfEntry, frozen=True):
    """The school has examined the objections to an entry and upheld the entry (异议不成立)."""

    reason: Sealed


class EntryStruck(OfEntry, frozen=True):
    """The school has struck an entry that was contested or recorded in error; it appears in no report."""

    reason: Sealed


class EntryConfirmed(OfEntry, frozen=True):
    """The pupil has confirmed an imported measurement or a private entry, neither of which is posted (学生确认)."""


EVENTS = (
    EvaluationEntryRecorded,
    EntryVerified,
    EntrySelected,
    EntryPosted,
    EntryContested,
    EntryUpheld,
    EntryStruck,
    EntryConfirmed,
)
