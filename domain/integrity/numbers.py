"""Numbers of conduct, reviews and warnings: each is given once, to whomever, so that merged records stay apart."""

from __future__ import annotations

from msgspec import Struct

from domain.rule import Rule, refuse_if
from events.fold import Fold
from events.integrity.conduct import ConductObserved
from events.integrity.reviews import IntegrityReviewOpened, IntegrityWarningIssued


class Given(Struct):
    """Whether a number has been given."""

    number: str
    given: bool = False


def conduct(state: Given, event: ConductObserved) -> None:
    """A conduct has this number."""
    state.given = True


def review(state: Given, event: IntegrityReviewOpened) -> None:
    """A review has this number."""
    state.given = True


def warning(state: Given, event: IntegrityWarningIssued) -> None:
    """A warning has this number."""
    state.given = True


def conduct_numbered(number: Given, proposed: ConductObserved) -> None:
    """A conduct has a number of its own."""
    refuse_if(number.given, "conduct-recorded", f"{proposed.conduct} is recorded already")


def review_numbered(number: Given, proposed: IntegrityReviewOpened) -> None:
    """A review has a number of its own."""
    refuse_if(number.given, "review-known", f"{proposed.review} was opened already")


def warning_numbered(number: Given, proposed: IntegrityWarningIssued) -> None:
    """A warning has a number of its own."""
    refuse_if(number.given, "warning-known", f"{proposed.warning} was issued already")


RULES = (
    Rule(conduct_numbered, Fold("conduct", Given, conduct)),
    Rule(review_numbered, Fold("review", Given, review)),
    Rule(warning_numbered, Fold("warning", Given, warning)),
)
