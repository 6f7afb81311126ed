"""Transfers (转学): open requests, and the outcome of every request."""

from __future__ import annotations

from msgspec import Struct, field

from events.fold import REMOVED, Removed
from events.roll.transfers import (
    StudentTransferred,
    TransferConsented,
    TransferRefused,
    TransferRequested,
    TransferWithdrawn,
)
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel

SENDING = {"sending-school", "sending-district"}


class OpenTransfer(Struct):
    """A transfer that has been requested and is neither refused, withdrawn nor carried out."""

    transfer: str
    person: str = ""
    from_school: str = ""
    to_school: str = ""
    requested: str = ""
    consents: list[str] = field(default_factory=list)


def open_transfer(
    row: OpenTransfer,
    event: TransferRequested | TransferConsented | TransferRefused | TransferWithdrawn | StudentTransferred,
) -> Removed | None:
    """Follow a request until it ends."""
    match event:
        case TransferRequested():
            row.person, row.requested = event.person, event.day
            row.from_school, row.to_school = event.from_school, event.to_school
        case TransferConsented():
            row.consents.append(event.by)
        case TransferRefused() | TransferWithdrawn() | StudentTransferred():
            return REMOVED
    return None


class Transfer(Struct):
    """A transfer request and its outcome.

    An answer is due within the published number of working days after `requested`. The status `consented`
    means that the sending side has consented: a pupil who then does not move is where the roll no longer
    expects them (人籍分离).
    """

    transfer: str
    person: str = ""
    from_school: str = ""
    to_school: str = ""
    grade: int = 0
    requested: str = ""
    consents: list[str] = field(default_factory=list)
    consented: str | None = None
    status: str = "unknown"
    refused_by: str | None = None
    ended: str | None = None


STEPS = LifeCycle(
    Transfer,
    {
        TransferRequested: Step("requested", day="requested"),
        TransferRefused: Step("refused", day="ended"),
        TransferWithdrawn: Step("withdrawn", day="ended"),
        StudentTransferred: Step("carried-out", day="ended"),
    },
)


def transfer(
    row: Transfer,
    event: TransferRequested | TransferConsented | TransferRefused | TransferWithdrawn | StudentTransferred,
) -> None:
    """Follow a request to its outcome, and keep it."""
    STEPS.follow(row, event)
    match event:
        case TransferRequested():
            row.person, row.grade = event.person, event.grade
            row.from_school, row.to_school = event.from_school, event.to_school
        case TransferConsented():
            row.consents.append(event.by)
            if row.consented is None and SENDING.issubset(row.consents):
                row.status, row.consented = "consented", event.day
        case TransferRefused():
            row.refused_by = event.by


READ_MODELS = (
    ReadModel(
        "open-transfers",
        "transfer",
        OpenTransfer,
        open_transfer,
        filter=("to_school", "from_school"),
        sort=("requested",),
    ),
    ReadModel(
        "transfers",
        "transfer",
        Transfer,
        transfer,
        filter=("status", "person", "from_school", "to_school"),
        sort=("requested", "consented", "ended"),
    ),
)
