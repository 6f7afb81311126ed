"""Reviews and warnings (诚信预警): a score only opens a review; a person decides what follows."""

from __future__ import annotations

from msgspec import Struct, field

from domain.integrity.people import PERSON, Person, decided_by_another
from domain.integrity.published import Terms, terms_on
from domain.integrity.record import RECORD, Record
from domain.rule import Refused, Rule, ever, of, refuse_if, too_early_if
from events.fold import Fold
from events.integrity.published import INTEGRITY_TERMS
from events.integrity.reviews import (
    IntegrityReviewClosed,
    IntegrityReviewOpened,
    IntegrityWarningCleared,
    IntegrityWarningIssued,
)


class Reviews(Struct):
    """A person's reviews, the reviewer of the open one, and whether each warning still stands."""

    person: str
    reviews: dict[str, str | None] = field(default_factory=dict)
    warnings: dict[str, bool] = field(default_factory=dict)

    def reviewer(self, review: str) -> str:
        """Return the reviewer of an open review. Raises TooEarly if it is unknown, Refused if it is closed."""
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


REVIEWS = Fold("person", Reviews, reviews, steps=True)


def opened_at_threshold(record: Record, terms: Terms, proposed: IntegrityReviewOpened) -> None:
    """A review opens only if the score that day reaches the published points."""
    points, least = record.points_on(proposed.day), terms_on(terms, proposed.day).review_points
    refuse_if(
        points < 100 * least, "below-threshold", f"the score is {points / 100:.2f}, below {least} points"
    )


def opened_once(reviews: Reviews, proposed: IntegrityReviewOpened) -> None:
    """A person has at most one open review at a time."""
    refuse_if(any(reviews.reviews.values()), "review-open", f"a review of {proposed.person} is already open")


def reviewed_by_another(reviewer: Person, proposed: IntegrityReviewOpened) -> None:
    """The reviewer is a registered person, and nobody reviews their own score."""
    decided_by_another(reviewer, proposed.person)


def decided_by_the_reviewer(
    reviews: Reviews, proposed: IntegrityReviewClosed | IntegrityWarningIssued
) -> None:
    """Only the reviewer of an open review warns the person or closes the review; neither is automatic."""
    reviewer = reviews.reviewer(proposed.review)
    refuse_if(
        proposed.by != reviewer,
        "other-reviewer",
        f"the review {proposed.review} is for another reviewer to decide",
    )


def warned_once(reviews: Reviews, proposed: IntegrityWarningIssued) -> None:
    """At most one warning to a person stands at a time."""
    refuse_if(any(reviews.warnings.values()), "warned", f"a warning to {proposed.person} already stands")


def cleared_when_standing(reviews: Reviews, proposed: IntegrityWarningCleared) -> None:
    """Only a warning that stands can be lifted."""
    number = proposed.warning
    too_early_if(number not in reviews.warnings, "unknown-warning", f"no warning {number} is known")
    refuse_if(
        not reviews.warnings[number], "warning-cleared", f"the warning {number} has already been lifted"
    )


def cleared_by_another(decider: Person, proposed: IntegrityWarningCleared) -> None:
    """A registered person lifts a warning, and nobody lifts their own."""
    decided_by_another(decider, proposed.person)


RULES = (
    Rule(opened_at_threshold, RECORD, INTEGRITY_TERMS),
    Rule(opened_once, REVIEWS),
    Rule(reviewed_by_another, ever(of(PERSON, "reviewer"))),
    Rule(decided_by_the_reviewer, REVIEWS),
    Rule(warned_once, REVIEWS),
    Rule(cleared_when_standing, REVIEWS),
    Rule(cleared_by_another, ever(of(PERSON, "by"))),
)
