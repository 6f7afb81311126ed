"""Reviews of integrity and early warnings (预警)."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Event, Number, Personal, PersonId, Tag, Told

ReviewId = Annotated[Number, Tag("review")]
WarningId = Annotated[Number, Tag("warning")]


class IntegrityReviewOpened(Event, frozen=True):
    """A score has reached the points at which a person must look at it: the reviewer, who alone may see it."""

    person: PersonId
    review: ReviewId
    reviewer: Number


class IntegrityReviewClosed(Event, frozen=True):
    """The reviewer has closed a review, with or without a warning."""

    person: PersonId
    review: ReviewId
    by: Number


class IntegrityWarningIssued(Event, frozen=True):
    """The reviewer has decided to warn the person (诚信预警)."""

    person: PersonId
    warning: WarningId
    review: ReviewId
    by: Number
    advice: Annotated[bytes, Personal(of="person", sent_as=Told)] | None = None


class IntegrityWarningCleared(Event, frozen=True):
    """A warning has been lifted (解除预警)."""

    person: PersonId
    warning: WarningId
    by: Number
    reason: Literal["improved", "mistaken", "lapsed"]


EVENTS = (
    IntegrityReviewOpened,
    IntegrityReviewClosed,
    IntegrityWarningIssued,
    IntegrityWarningCleared,
)
