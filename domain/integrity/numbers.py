"""Numbers of conduct cases, reviews and warnings: unique across all persons, so that merged records stay distinct."""

from __future__ import annotations

from domain.number import new_number
from events.integrity.conduct import ConductObserved
from events.integrity.reviews import IntegrityReviewOpened, IntegrityWarningIssued

RULES = (
    new_number(
        "conduct",
        ConductObserved,
        "conduct-recorded",
        name="conduct_numbered",
        sentence="A conduct case number is assigned only once.",
    ),
    new_number(
        "review",
        IntegrityReviewOpened,
        "review-known",
        name="review_numbered",
        sentence="A review number is assigned only once.",
    ),
    new_number(
        "warning",
        IntegrityWarningIssued,
        "warning-known",
        name="warning_numbered",
        sentence="A warning number is assigned only once.",
    ),
)
