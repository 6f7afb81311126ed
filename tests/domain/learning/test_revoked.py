"""Credits put right: what was mistaken is awarded again, what was fraud never; and no hours beyond what is possible."""

from __future__ import annotations

import pytest

from events.learning.credit import CreditsAwarded, CreditsRevoked
from events.learning.outcomes import OutcomeDeposited, OutcomeRecognised, OutcomeSubmitted
from events.learning.published import CreditTermsPublished, MostHours
from streams.scenario import given
from tests.contexts.learning import ACCOUNT, AWARDED, some
from tests.logs.publishing import Town

AGAIN = some(CreditsAwarded, "2024-11-01", award="aw-2")


@pytest.mark.parametrize(
    "ground, code", [("mistaken", ""), ("result-corrected", ""), ("fraud", "awarded-already")]
)
def test_an_award_that_was_mistaken_frees_its_outcome(ground: str, code: str) -> None:
    town = Town(*AWARDED)
    assert town.codes(some(CreditsRevoked, ground=ground), AGAIN) == ["", code]


def test_an_outcome_earns_its_credits_once_at_a_time() -> None:
    town = Town(*AWARDED, some(CreditsRevoked, ground="mistaken"))
    assert town.codes(AGAIN, some(CreditsAwarded, "2024-11-02", award="aw-3")) == ["", "awarded-already"]


def test_the_balance_is_that_of_the_second_award() -> None:
    row = given(*AWARDED, some(CreditsRevoked, ground="mistaken"), AGAIN).row(
        "credit-balances", "p-1", "academic", ""
    )
    assert (row.accumulated, row.revoked) == (500, 500)


def test_nobody_has_a_million_hours_of_experience() -> None:
    experience = {"kind": "experience", "course": None, "offering": None}
    terms = some(
        CreditTermsPublished, "2024-01-01", since="2024-01-01", most_hours=[MostHours("experience", 2000)]
    )
    steps = [some(OutcomeSubmitted), some(OutcomeRecognised)]
    for hours, code in ((1_000_000, "too-many-hours"), (1800, "")):
        deposit = some(OutcomeDeposited, hours=hours, **experience)
        award = some(CreditsAwarded, credits=hours * 100 // 18)
        assert Town(*ACCOUNT, terms).codes(deposit, *steps, award) == ["", "", "", code]
