"""Conduct cases (失信行为): observed, notified, contested, upheld, dismissed, repaired."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Cites, Day, Event, EventIdentity, Number, Personal, PersonId, SchoolId, Tag, Told
from events.identity.accounts import AccountUnlinked, LoginSucceeded
from events.integrity.vocabulary import EventType, HalfLife, Points

ConductId = Annotated[Number, Tag("conduct")]
PROVING: tuple[type[Event], ...] = (LoginSucceeded, AccountUnlinked)
"""What may prove a breach: never what records health, leave, Party life, or that somebody used a right."""

Evidence = Annotated[EventIdentity, Cites(types=PROVING, about=("person",), kind="evidence_kind")]


class ConductObserved(Event, frozen=True):
    """A person's breach of a conduct rule has been observed (失信行为), with the event in the log that proves it."""

    person: PersonId
    conduct: ConductId
    rule: Number
    weight: Points
    half_life_days: HalfLife
    evidence: Evidence
    evidence_kind: EventType
    school: SchoolId | None = None


class ConductNotified(Event, frozen=True):
    """The person has been notified of a conduct case, and of the last day to object (告知)."""

    person: PersonId
    conduct: ConductId
    objections_until: Day


class ConductContested(Event, frozen=True):
    """The person has objected to a conduct case (异议); until the objection is decided, the case does not count."""

    person: PersonId
    conduct: ConductId
    grounds: Annotated[bytes, Personal(of="person", sent_as=Told)] | None = None
    school: SchoolId | None = None


class ConductUpheld(Event, frozen=True):
    """A contested conduct case has been found to be true."""

    person: PersonId
    conduct: ConductId
    by: Number
    school: SchoolId | None = None


class ConductDismissed(Event, frozen=True):
    """A conduct case has been dismissed (撤销); it never counts again."""

    person: PersonId
    conduct: ConductId
    by: Number
    reason: Literal["not-proven", "not-theirs", "rule-misread", "excused"]
    school: SchoolId | None = None


class ConductRepaired(Event, frozen=True):
    """The person has made amends in a conduct case (信用修复), which no longer counts from that day on."""

    person: PersonId
    conduct: ConductId
    how: Literal["apology", "restitution", "training", "service"]
    school: SchoolId | None = None


EVENTS = (
    ConductObserved,
    ConductNotified,
    ConductContested,
    ConductUpheld,
    ConductDismissed,
    ConductRepaired,
)
