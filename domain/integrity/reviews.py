"""Reviews and warnings (诚信预警): a score only opens a review; what follows is a person's decision."""

from __future__ import annotations

from msgspec import Struct, field

from domain.integrity.people import PERSON, Person, decided_by_another
from domain.integrity.published import Terms, terms_on
from domain.integrity.record import RECORD, Record
from domain.rule import Refused, Rule, of, refuse_if, too_early_if
from events.fold import Fold
from events.integrity.published import INTEGRITY_TERMS
from events.integrity.reviews import (
    IntegrityReviewClosed,
    IntegrityReviewOpened,
    IntegrityWarningCleared,
    IntegrityWarningIssued,
)


class Reviews(Struct):
    """A person's reviews and who does the open one, and whether each warning still stands."""

    person: str
    reviews: dict[str, str | None] = field(default_factory=dict)
    warnings: dict[str, bool] = field(default_factory=dict)

    def reviewer(self, review: str) -> str:
        """Return who does an open review. Raises Refused where it is not open."""
        too_early_if(review not in self.reviews, "unknown-review", f"no review {review} is known")
        found = self.reviews[review]
        if found is None:
            raise Refused("review-closed", f"the review {review} is closed")
        return found


def reviews(
    state: Reviews,
    event: IntegrityReviewOpened | IntegrityReviewClosed | IntegrityWarningIssued | IntegrityWarningCleared,
) -> None:
    """Follow reviews and warnings."""
    match event:
        case IntegrityReviewOpened():
            state.reviews[event.review] = event.reviewer
        case IntegrityReviewClosed():
            state.reviews[event.review] = None
        case IntegrityWarningIssued():
            state.warnings[event.warning] = True
        case IntegrityWarningCleared():
            state.warnings[event.warning] = False


REVIEWS = Fold("person", Reviews, reviews)


def opened_at_threshold(record: Record, terms: Terms, proposed: IntegrityReviewOpened) -> None:
    """A review opens where the score that day reaches the published points, and for nothing less."""
    points, least = record.points_on(proposed.day), terms_on(terms, proposed.day).review_points
    refuse_if(
        points < 100 * least, "below-threshold", f"the score is {points / 100:.2f}, below {least} points"
    )


def opened_once(reviews: Reviews, proposed: IntegrityReviewOpened) -> None:
    """A person has one open review at a time."""
    refuse_if(any(reviews.reviews.values()), "review-open", f"a review of {proposed.person} is open already")


def reviewed_by_another(reviewer: Person, proposed: IntegrityReviewOpened) -> None:
    """A registered person reviews, and nobody their own score."""
    decided_by_another(reviewer, proposed.person)


def decided_by_the_reviewer(
    reviews: Reviews, proposed: IntegrityReviewClosed | IntegrityWarningIssued
) -> None:
    """A warning, and the end of a review, are the decision of who does the open review, never automatic."""
    reviewer = reviews.reviewer(proposed.review)
    refuse_if(proposed.by != reviewer, "other-reviewer", f"{proposed.review} is for {reviewer} to decide")


def warned_once(reviews: Reviews, proposed: IntegrityWarningIssued) -> None:
    """One warning of a person at a time stands."""
    refuse_if(any(reviews.warnings.values()), "warned", f"a warning of {proposed.person} stands already")


def cleared_when_standing(reviews: Reviews, proposed: IntegrityWarningCleared) -> None:
    """Only a warning that stands is lifted."""
    number = proposed.warning
    too_early_if(number not in reviews.warnings, "unknown-warning", f"no warning {number} is known")
    refuse_if(not reviews.warnings[number], "warning-cleared", f"{number} was lifted already")


def cleared_by_another(decider: Person, proposed: IntegrityWarningCleared) -> None:
    """A registered person lifts a warning, and nobody their own."""
    decided_by_another(decider, proposed.person)


RULES = (
    Rule(opened_at_threshold, RECORD, INTEGRITY_TERMS),
    Rule(opened_once, REVIEWS),
    Rule(reviewed_by_another, of(PERSON, "reviewer")),
    Rule(decided_by_the_reviewer, REVIEWS),
    Rule(warned_once, REVIEWS),
    Rule(cleared_when_standing, REVIEWS),
    Rule(cleared_by_another, of(PERSON, "by")),
)
