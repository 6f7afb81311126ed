"""Credit balances and the ledger of transfers."""

from __future__ import annotations

from events.event import Event
from events.learning.credit import CreditsRevoked
from events.learning.transfers import CreditsTransferred, CreditTransferDeclined, CreditTransferRequested
from streams.scenario import given
from tests.contexts.learning import AWARDED, RECOGNISED, REQUESTED, REVOKED, TRANSFERRED, UNWINDING, some


def test_balances_follow_award_transfer_and_revocation() -> None:
    def figures(history: list[Event], programme: str = "") -> tuple[int, int, int, int]:
        row = given(*history).row("credit-balances", "p-1", "academic", programme)
        return row.accumulated, row.transferable, row.used, row.revoked

    assert given(*RECOGNISED).rows("credit-balances") == []
    assert figures([*AWARDED]) == (500, 500, 0, 0)
    assert figures([*TRANSFERRED]) == (500, 500, 0, 0)
    assert figures([*TRANSFERRED], "nursing") == (0, 0, 500, 0)
    assert figures([*REVOKED]) == (0, 0, 0, 500)
    assert figures([*REVOKED], "nursing") == (0, 0, 0, 0)
    exclusively = [*REQUESTED, some(CreditsTransferred, exclusive=True)]
    assert figures([*exclusively]) == (500, 0, 0, 0)
    assert figures([*exclusively, some(CreditsRevoked, **UNWINDING)]) == (0, 0, 0, 500)


def test_no_figure_falls_below_zero_if_the_award_is_in_another_row() -> None:
    elsewhere = given(
        some(CreditsRevoked, person="p-2", **UNWINDING), some(CreditsTransferred, exclusive=True)
    )
    for row in elsewhere.rows("credit-balances"):
        assert min(row.accumulated, row.transferable, row.used, row.revoked) == 0


def test_the_ledger_follows_a_transfer_to_its_end() -> None:
    def status(*history: Event) -> tuple[str, int, bytes | None]:
        row = given(*history).row("credit-transfers", "t-1")
        return row.status, row.credits, row.reason

    assert given(*AWARDED).row("credit-transfers", "t-1") is None
    assert status(*REQUESTED) == ("requested", 0, None)
    assert status(*REQUESTED, some(CreditTransferDeclined)) == ("declined", 0, b"not of the field")
    assert status(*TRANSFERRED) == ("transferred", 500, None)
    assert status(*REVOKED) == ("unwound", 500, b"plagiarism")
    row = given(*REVOKED).row("credit-transfers", "t-1")
    assert (row.requested, row.decided, row.unwound) == ("2024-08-01", "2024-08-10", "2024-10-02")
    assert (row.person, row.award, row.programme, row.rule) == ("p-1", "aw-1", "nursing", "r-1")
    assert some(CreditTransferRequested).transfer == row.transfer
