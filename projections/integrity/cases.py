"""Conduct cases, score reviews, warnings and pledges, each with its status."""

from __future__ import annotations

from msgspec import Struct

from events.integrity.conduct import (
    ConductContested,
    ConductDismissed,
    ConductNotified,
    ConductObserved,
    ConductRepaired,
    ConductUpheld,
)
from events.integrity.pledges import PledgeSigned
from events.integrity.reviews import (
    IntegrityReviewClosed,
    IntegrityReviewOpened,
    IntegrityWarningCleared,
    IntegrityWarningIssued,
)
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel

Happened = (
    ConductObserved | ConductNotified | ConductContested | ConductUpheld | ConductDismissed | ConductRepaired
)


class ConductCase(Struct):
    """A case of observed conduct, its status, and since when it has had that status."""

    person: str
    conduct: str
    status: str = "unknown"
    rule: str = ""
    school: str | None = None
    observed: str | None = None
    objections_until: str | None = None
    grounds: bytes | None = None
    decided_by: str | None = None
    since: str | None = None


CONDUCT_STEPS = LifeCycle(
    ConductCase,
    {
        ConductObserved: Step("observed", day="observed"),
        ConductNotified: Step("notified"),
        ConductContested: Step("contested"),
        ConductUpheld: Step("upheld"),
        ConductDismissed: Step("dismissed"),
        ConductRepaired: Step("repaired"),
    },
    since="since",
)


def conduct_case(row: ConductCase, event: Happened) -> None:
    """Follow a case from observation to its outcome."""
    CONDUCT_STEPS.follow(row, event)
    match event:
        case ConductObserved():
            row.rule, row.school = event.rule, event.school
        case ConductNotified():
            row.objections_until = event.objections_until
        case ConductContested():
            row.grounds = event.grounds
        case ConductUpheld() | ConductDismissed():
            row.decided_by = event.by


class IntegrityReview(Struct):
    """A review of a person's integrity score, and the warning that resulted from it, if any."""

    person: str
    review: str
    status: str = "unknown"
    reviewer: str = ""
    opened: str | None = None
    closed: str | None = None
    warning: str | None = None


REVIEW_STEPS = LifeCycle(
    IntegrityReview,
    {
        IntegrityReviewOpened: Step("open", day="opened"),
        IntegrityReviewClosed: Step("closed", day="closed"),
    },
)


def integrity_review(
    row: IntegrityReview, event: IntegrityReviewOpened | IntegrityReviewClosed | IntegrityWarningIssued
) -> None:
    """Follow a review from opening to closure."""
    REVIEW_STEPS.follow(row, event)
    match event:
        case IntegrityReviewOpened():
            row.reviewer = event.reviewer
        case IntegrityWarningIssued():
            row.warning = event.warning


class IntegrityWarning(Struct):
    """An integrity warning (诚信预警): who issued it after which review, and who cleared it and why."""

    person: str
    warning: str
    status: str = "unknown"
    review: str = ""
    issued: str | None = None
    issued_by: str | None = None
    advice: bytes | None = None
    cleared: str | None = None
    cleared_by: str | None = None
    reason: str | None = None


WARNING_STEPS = LifeCycle(
    IntegrityWarning,
    {
        IntegrityWarningIssued: Step("standing", day="issued"),
        IntegrityWarningCleared: Step("cleared", day="cleared"),
    },
)


def integrity_warning(row: IntegrityWarning, event: IntegrityWarningIssued | IntegrityWarningCleared) -> None:
    """Follow a warning from issue to clearance."""
    WARNING_STEPS.follow(row, event)
    match event:
        case IntegrityWarningIssued():
            row.review, row.advice, row.issued_by = event.review, event.advice, event.by
        case IntegrityWarningCleared():
            row.reason, row.cleared_by = event.reason, event.by


class Pledge(Struct):
    """A pledge that a person has signed."""

    person: str
    pledge: str
    school: str | None = None
    signed: str | None = None


def pledge(row: Pledge, event: PledgeSigned) -> None:
    """Record the school and the day of signing."""
    row.school, row.signed = event.school, event.day


READ_MODELS = (
    ReadModel(
        "conduct-cases",
        "person",
        ConductCase,
        conduct_case,
        filter=("status", "rule", "school"),
        sort=("since", "objections_until"),
    ),
    ReadModel(
        "integrity-reviews",
        "person",
        IntegrityReview,
        integrity_review,
        filter=("status", "reviewer"),
        sort=("opened",),
    ),
    ReadModel(
        "integrity-warnings",
        "person",
        IntegrityWarning,
        integrity_warning,
        filter=("status",),
        sort=("issued",),
    ),
    ReadModel("pledges", "person", Pledge, pledge, filter=("pledge", "school"), sort=("signed",)),
)
