"""Courses: offered, shared, enrolled in and completed."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from events.event import Count, Day, Event, Name, Number, PersonId, Tag
from events.learning.vocabulary import Category, Result, SealedReason, Sector

OfferingId = Annotated[Number, Tag("offering")]


class CourseOffered(Event, frozen=True):
    """A member offers a course (开课): a single offering, from a first to a last day."""

    offering: OfferingId
    course: Number
    institution: Number
    title: Name
    category: Category
    sector: Sector
    hours: Count
    starts: Day
    ends: Day
    seats: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None


class CourseSharingAgreed(Event, frozen=True):
    """A member has agreed that another member's learners may enrol in its offering (课程共享)."""

    offering: OfferingId
    institution: Number
    partner: Number


class CourseEnrolled(Event, frozen=True):
    """A learner has enrolled in an offering (选课), possibly `through` a partner with a sharing agreement.

    With `day_estimated`, the source did not know the day, and the one given is an estimate.
    """

    person: PersonId
    offering: OfferingId
    through: Number | None = None
    day_estimated: bool = False


class CourseWithdrawn(Event, frozen=True):
    """A learner has withdrawn from an offering (退课), which some institutions count as a fail.

    With `day_estimated`, the source did not know the day, and the one given is an estimate.
    """

    person: PersonId
    offering: OfferingId
    reason: SealedReason | None = None
    counted_as: Literal["fail"] | None = None
    day_estimated: bool = False


class CourseCompleted(Event, frozen=True):
    """A learner has completed an offering with a result (结课)."""

    person: PersonId
    offering: OfferingId
    result: Result


EVENTS = (
    CourseOffered,
    CourseSharingAgreed,
    CourseEnrolled,
    CourseWithdrawn,
    CourseCompleted,
)
