"""Learning outcomes: deposited, submitted for recognition, recognised or declined."""

from __future__ import annotations

from typing import Annotated

from events.evaluation.practice import ActivityAttended
from events.event import Cites, Count, Event, EventIdentity, Name, Number, Personal, PersonId, Tag
from events.learning.courses import CourseCompleted
from events.learning.vocabulary import Category, OutcomeKind, Result, SealedReason
from events.roll.pupils import StudentGraduated
from events.roll.teachers import QualificationAwarded

OutcomeId = Annotated[Number, Tag("outcome")]


Evidence = Annotated[
    EventIdentity,
    Cites(
        types=(CourseCompleted, QualificationAwarded, StudentGraduated, ActivityAttended),
        about=("person",),
    ),
]


class OutcomeDeposited(Event, frozen=True):
    """A learning outcome has been deposited in a person's archive (学习成果存入).

    A course's outcome names its course and offering; any outcome may cite an event as evidence: a completed
    course, a teaching qualification, a graduation, or attendance of social practice.
    """

    person: PersonId
    outcome: OutcomeId
    kind: OutcomeKind
    title: Annotated[bytes, Personal(of="person", sent_as=Name)]
    category: Category
    hours: Count
    result: Result
    course: Number | None = None
    offering: Number | None = None
    evidence: Evidence | None = None


class OutcomeSubmitted(Event, frozen=True):
    """A learner has submitted an outcome to a member for recognition by a standard (申请认证)."""

    person: PersonId
    outcome: Number
    institution: Number
    standard: Number


class OutcomeRecognised(Event, frozen=True):
    """A member has recognised an outcome by a standard in force (学习成果认证)."""

    person: PersonId
    outcome: Number
    institution: Number
    standard: Number


class OutcomeDeclined(Event, frozen=True):
    """A member has declined to recognise an outcome, which may then be submitted again."""

    person: PersonId
    outcome: Number
    institution: Number
    reason: SealedReason


EVENTS = (
    OutcomeDeposited,
    OutcomeSubmitted,
    OutcomeRecognised,
    OutcomeDeclined,
)
