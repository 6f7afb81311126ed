"""Learning outcomes: deposited, submitted for recognition, recognised or declined."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import Cites, Count, Event, Name, Number, PersonId, Tag, Text
from events.learning.vocabulary import Category, Result

OutcomeKind = Literal["course", "qualification", "training", "experience", "self-study"]
OutcomeId = Annotated[Number, Tag("outcome")]


class OutcomeDeposited(Event, frozen=True):
    """A learning outcome has been deposited in a person's archive (学习成果存入).

    A course's outcome names its course and offering; any outcome may cite an event as evidence.
    """

    person: PersonId
    outcome: OutcomeId
    kind: OutcomeKind
    title: Name
    category: Category
    hours: Count
    result: Result
    course: Number | None = None
    offering: Number | None = None
    evidence: Annotated[str, Cites(), Meta(max_length=400)] | None = None


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
    reason: Text


EVENTS = (
    OutcomeDeposited,
    OutcomeSubmitted,
    OutcomeRecognised,
    OutcomeDeclined,
)
