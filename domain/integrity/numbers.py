"""Numbers of conduct, reviews and warnings: each is given once, to whomever, so that merged records stay apart."""

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
        sentence="A conduct has a number of its own.",
    ),
    new_number(
        "review",
        IntegrityReviewOpened,
        "review-known",
        name="review_numbered",
        sentence="A review has a number of its own.",
    ),
    new_number(
        "warning",
        IntegrityWarningIssued,
        "warning-known",
        name="warning_numbered",
        sentence="A warning has a number of its own.",
    ),
)
