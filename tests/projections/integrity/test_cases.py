"""Conduct cases, reviews, warnings and pledges."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from events.event import Event
from events.integrity.pledges import PledgeSigned
from projections.integrity.cases import ConductCase, IntegrityReview, IntegrityWarning, Pledge
from streams.scenario import at, given
from tests.contexts.integrity import (
    CLEARED,
    CLOSED,
    CONTESTED,
    COUNTING,
    DISMISSED,
    GIVEN,
    NOTIFIED,
    OBSERVED,
    OPENED,
    REPAIRED,
    UPHELD,
    WARNED,
)


def test_a_case_from_observation_to_its_end() -> None:
    case = ConductCase("p", "c-1", "observed", "R1", "a", observed="2024-03-01", since="2024-03-01")
    steps: list[tuple[Event, dict[str, Any]]] = [
        (NOTIFIED, {"status": "notified", "objections_until": "2024-03-12"}),
        (CONTESTED, {"status": "contested", "grounds": b"sealed"}),
        (UPHELD, {"status": "upheld", "decided_by": "officer"}),
        (REPAIRED, {"status": "repaired"}),
        (DISMISSED, {"status": "dismissed"}),
    ]
    history: list[Event] = [*GIVEN, OBSERVED]
    assert given(*history).row("conduct-cases", "p", "c-1") == case
    for event, changes in steps:
        history.append(event)
        case = replace(case, since=event.day, **changes)
        assert given(*history).row("conduct-cases", "p", "c-1") == case


def test_a_review_and_its_warning() -> None:
    opened = IntegrityReview("p", "r-1", "open", "judge", opened="2024-03-21")
    assert given(*COUNTING, OPENED).row("integrity-reviews", "p", "r-1") == opened
    closed = replace(opened, status="closed", closed="2024-03-24", warning="w-1")
    assert given(*COUNTING, OPENED, WARNED, CLOSED).row("integrity-reviews", "p", "r-1") == closed
    warned = IntegrityWarning(
        "p", "w-1", "standing", "r-1", issued="2024-03-22", issued_by="judge", advice=b"sealed"
    )
    assert given(*COUNTING, OPENED, WARNED).row("integrity-warnings", "p", "w-1") == warned
    cleared = replace(warned, status="cleared", cleared="2024-06-01", cleared_by="officer", reason="improved")
    assert given(*COUNTING, OPENED, WARNED, CLEARED).row("integrity-warnings", "p", "w-1") == cleared


def test_pledges_are_listed_by_person() -> None:
    signed = PledgeSigned(person="p", pledge="2024", school="a", occurred_at=at("2024-09-01"))
    assert given(signed).rows("pledges") == [Pledge("p", "2024", "a", "2024-09-01")]
