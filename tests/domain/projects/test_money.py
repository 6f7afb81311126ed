"""Money and likeness: amendments, tenders, spending before acceptance, and projects compared with their like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from events.event import Event
from events.projects.published import ProjectRulesPublished
from streams.scenario import at
from tests.contexts.projects import (
    AMENDED,
    AWARDED,
    FILED,
    POSTED,
    SPENT,
    TO_ACCEPTANCE,
    TO_APPROVAL,
    TO_CONTRACT,
    TO_NOTICE,
)
from tests.logs.publishing import Town


def under(events: Sequence[Event], **changes: Any) -> list[Event]:
    """Return a history under other rules of projects."""
    return [replace(each, **changes) if isinstance(each, ProjectRulesPublished) else each for each in events]


def test_all_amendments_together_stay_within_the_published_share() -> None:
    """Of 500,000 fen, a tenth more in two steps; the budget of 900,000 would allow more."""
    small = [replace(each, amount=500_000) if each == AWARDED else each for each in TO_CONTRACT]
    town = Town(*under(small, amend_percent=1000))
    first = replace(AMENDED, from_amount=500_000, to_amount=530_000)
    second = replace(AMENDED, from_amount=530_000, to_amount=550_000)
    assert town.codes(first, replace(second, to_amount=550_001), second) == ["", "beyond-amendment", ""]
    less = replace(AMENDED, from_amount=550_000, to_amount=400_000)
    again = replace(AMENDED, from_amount=400_000, to_amount=550_001)
    assert town.codes(less, again, replace(again, to_amount=550_000)) == ["", "beyond-amendment", ""]


def test_a_large_contract_without_competition_states_its_ground() -> None:
    single = replace(AWARDED, procedure="single-source")
    town = Town(*under(TO_APPROVAL, tender_from=800_000))
    assert town.codes(single) == ["tender-required"]
    assert town.codes(replace(single, amount=799_999)) == [""]
    stated = replace(single, contract="c-2", amount=100_001)
    assert Town(*under(TO_APPROVAL, tender_from=100_000)).codes(
        replace(stated, ground="only one supplier holds the rights")
    ) == [""]
    assert Town(*under(TO_APPROVAL, tender_from=100_000)).codes(AWARDED) == [""]


def test_before_acceptance_only_the_published_share_is_spent() -> None:
    """9,500 hundredths of a percent of 800,000 fen are 760,000."""
    town = Town(*under(TO_CONTRACT, before_acceptance_percent=9500))
    assert town.codes(replace(SPENT, amount=760_001)) == ["ahead-of-acceptance"]
    assert town.codes(replace(SPENT, amount=760_000)) == [""]
    accepted = Town(*under(TO_ACCEPTANCE, before_acceptance_percent=9500))
    late = replace(SPENT, amount=800_000, occurred_at=at("2024-09-01"))
    assert accepted.codes(late) == [""]


def test_spending_before_its_award_is_refused() -> None:
    assert Town(*TO_CONTRACT).codes(replace(SPENT, occurred_at=at("2024-01-31"))) == ["unknown-contract"]


LIKE = replace(FILED, project="p2", system="s2", unit="other", occurred_at=at("2024-01-08"))


def test_a_large_project_is_compared_with_its_like() -> None:
    town = Town(*under(TO_NOTICE, compare_from=1_000_000))
    assert town.codes(LIKE) == ["not-compared"]
    assert town.codes(replace(LIKE, compared=["x"])) == ["not-compared"]
    assert town.codes(replace(LIKE, compared=["p"])) == [""]


def test_what_has_no_like_or_is_small_need_not_be_compared() -> None:
    compared = {"compare_from": 1_000_000}
    assert Town(*under(TO_NOTICE[:-1], **compared)).codes(LIKE) == [""]  # POSTED is missing
    for unlike in (
        replace(LIKE, budget=999_999),
        replace(LIKE, field="安全"),
        replace(LIKE, unit=POSTED.unit),
    ):
        assert Town(*under(TO_NOTICE, **compared)).codes(unlike) == [""]
