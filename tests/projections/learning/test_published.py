"""Published data of the credit bank."""

from __future__ import annotations

from events.learning.published import (
    CreditTransferRulePublished,
    CreditTransferRuleRetired,
    MemberRemoved,
    RecognitionStandardPublished,
    RecognitionStandardRetired,
)
from projections.learning.published import TransferRule
from projections.versions import Version
from streams.scenario import given
from tests.contexts.learning import BANK, some


def test_what_is_published_can_be_looked_up() -> None:
    bank = given(*BANK)
    assert bank.row("credit-bank-members", "college").status == "member"
    assert given(*BANK, some(MemberRemoved)).row("credit-bank-members", "open-university").status == "removed"
    assert bank.row("credit-terms", "city", "2020-01-02").hours_per_credit[0].hours == 18
    assert bank.row("recognition-standards", "st-1").category == "academic"
    rule = TransferRule(
        "r-1",
        "college",
        "nursing",
        "academic",
        "academic",
        100,
        1000,
        since="2020-02-01",
        versions=[Version("2020-02-01")],
    )
    assert bank.row("credit-transfer-rules", "r-1") == rule


def test_retirement_is_shown_until_it_is_published_again() -> None:
    retired = [*BANK, some(RecognitionStandardRetired), some(CreditTransferRuleRetired)]
    assert given(*retired).row("recognition-standards", "st-1").retired == "2023-01-01"
    assert given(*retired).row("credit-transfer-rules", "r-1").retired == "2023-01-01"
    again = [
        some(RecognitionStandardPublished, "2024-01-01", since="2030-01-01"),
        some(CreditTransferRulePublished, "2024-01-01", since="2030-01-01"),
    ]
    gap = [Version("2020-02-01", ended="2023-01-01"), Version("2030-01-01")]
    assert given(*retired, *again).row("recognition-standards", "st-1").versions == gap
    assert given(*retired, *again).row("credit-transfer-rules", "r-1").versions == gap
    assert given(*retired, *again).row("recognition-standards", "st-1").retired is None
    assert given(*retired, *again).row("credit-transfer-rules", "r-1").retired is None
