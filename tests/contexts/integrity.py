"""Conduct of a pupil, from observation to a warning and its clearance."""

from msgspec.structs import replace

from events.event import Event
from events.identity.persons import PersonRegistered
from events.integrity.conduct import (
    ConductContested,
    ConductDismissed,
    ConductNotified,
    ConductObserved,
    ConductRepaired,
    ConductUpheld,
)
from events.integrity.published import ConductRulePublished, IntegrityTermsPublished
from events.integrity.reviews import (
    IntegrityReviewClosed,
    IntegrityReviewOpened,
    IntegrityWarningCleared,
    IntegrityWarningIssued,
)
from streams.scenario import at
from tests.contexts.persons import registered

TERMS = IntegrityTermsPublished(
    since="2024-01-01", objection_days=10, review_points=15, occurred_at=at("2024-01-01")
)
RULE = ConductRulePublished(
    rule="R1",
    since="2024-01-01",
    title="Passing on an account",
    weight=20,
    half_life_days=100,
    evidence_kinds=["identity.AccountUnlinked", "identity.LoginSucceeded"],
    occurred_at=at("2024-01-01"),
)
PUPIL = PersonRegistered(person="p", name=b"sealed", birth_year=2009, occurred_at=at("2020-01-01"))
GIVEN: tuple[Event, ...] = (PUPIL, *registered("officer", "judge"), TERMS, RULE)

OBSERVED = ConductObserved(
    person="p",
    conduct="c-1",
    rule="R1",
    weight=20,
    half_life_days=100,
    evidence="idp#77",
    evidence_kind="identity.AccountUnlinked",
    school="a",
    occurred_at=at("2024-03-01"),
)
SECOND = replace(OBSERVED, conduct="c-2", evidence="idp#78", occurred_at=at("2024-04-01"))
NOTIFIED = ConductNotified(
    person="p", conduct="c-1", objections_until="2024-03-12", occurred_at=at("2024-03-02")
)
CONTESTED = ConductContested(
    person="p", conduct="c-1", grounds=b"sealed", school="a", occurred_at=at("2024-03-12")
)
UPHELD = ConductUpheld(person="p", conduct="c-1", by="officer", school="a", occurred_at=at("2024-03-20"))
DISMISSED = ConductDismissed(
    person="p",
    conduct="c-1",
    by="officer",
    reason="not-proven",
    school="a",
    occurred_at=at("2024-03-25"),
)
REPAIRED = ConductRepaired(
    person="p", conduct="c-1", how="training", school="a", occurred_at=at("2024-04-10")
)
OPENED = IntegrityReviewOpened(person="p", review="r-1", reviewer="judge", occurred_at=at("2024-03-21"))
CLOSED = IntegrityReviewClosed(person="p", review="r-1", by="judge", occurred_at=at("2024-03-24"))
WARNED = IntegrityWarningIssued(
    person="p", warning="w-1", review="r-1", by="judge", advice=b"sealed", occurred_at=at("2024-03-22")
)
CLEARED = IntegrityWarningCleared(
    person="p", warning="w-1", by="officer", reason="improved", occurred_at=at("2024-06-01")
)
COUNTING: tuple[Event, ...] = (*GIVEN, OBSERVED, NOTIFIED, CONTESTED, UPHELD)
