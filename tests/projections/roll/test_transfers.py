"""Transfers and their outcome."""

from __future__ import annotations

from msgspec.structs import replace

from events.roll.transfers import TransferRefused
from projections.roll.transfers import OpenTransfer, Transfer
from streams.scenario import at, given
from tests.contexts.roll import CONSENTED, MOVED, REQUESTED

CONSENTED_TOO = replace(CONSENTED, by="sending-district", occurred_at=at("2021-03-03"))
REFUSED = TransferRefused(
    transfer="t", person="p", by="receiving-district", reason=b"sealed", occurred_at=at("2021-03-04")
)


def test_open_transfers_end_with_the_request() -> None:
    row = OpenTransfer("t", "p", "a", "b", "2021-03-01", ["sending-school"])
    assert given(REQUESTED, CONSENTED).row("open-transfers", "t") == row
    assert given(REQUESTED, CONSENTED, REFUSED).row("open-transfers", "t") is None
    assert given(REQUESTED, CONSENTED, MOVED).row("open-transfers", "t") is None


def test_transfers_keep_the_outcome_of_a_request() -> None:
    row = Transfer("t", "p", "a", "b", 1, "2021-03-01", ["sending-school"], status="requested")
    assert given(REQUESTED, CONSENTED).row("transfers", "t") == row
    consented = given(REQUESTED, CONSENTED, CONSENTED_TOO).row("transfers", "t")
    assert (consented.status, consented.consented) == ("consented", "2021-03-03")
    refused = given(REQUESTED, CONSENTED, REFUSED).row("transfers", "t")
    assert (refused.status, refused.refused_by, refused.ended) == (
        "refused",
        "receiving-district",
        "2021-03-04",
    )
    moved = given(REQUESTED, CONSENTED, CONSENTED_TOO, MOVED).row("transfers", "t")
    assert (moved.status, moved.consented, moved.ended) == ("carried-out", "2021-03-03", "2021-03-20")
