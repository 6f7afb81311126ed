"""Transfers between schools (转学)."""

from __future__ import annotations

from typing import Annotated, Literal

from events.event import Event, Grade, Number, PersonId, SchoolId, Tag
from events.roll.vocabulary import DistrictId, SealedReason, Stage

TransferId = Annotated[Number, Tag("transfer")]
Consenter = Literal["sending-school", "sending-district", "receiving-district"]


class TransferRequested(Event, frozen=True):
    """The receiving school has requested a pupil's transfer (转学申请)."""

    transfer: TransferId
    person: PersonId
    from_school: SchoolId
    to_school: SchoolId
    grade: Grade
    reason: SealedReason


class TransferConsented(Event, frozen=True):
    """A party whose consent a transfer needs has given it (同意转学), for the pupil whom the consent names."""

    transfer: TransferId
    by: Consenter
    person: PersonId | None = None


class TransferRefused(Event, frozen=True):
    """A party whose consent a transfer needs has refused it, which ends the request."""

    transfer: TransferId
    person: PersonId
    by: Consenter
    reason: SealedReason


class TransferWithdrawn(Event, frozen=True):
    """Who asked for a transfer has withdrawn the request (撤回转学申请): the receiving school, or the pupil's guardian."""

    transfer: TransferId
    person: PersonId
    by: Literal["receiving-school", "guardian"]


class StudentTransferred(Event, frozen=True):
    """A pupil has moved to another school's roll (转学), by a request with all consents or by a merger of schools."""

    person: PersonId
    from_school: SchoolId
    to_school: SchoolId
    from_district: DistrictId
    to_district: DistrictId
    stage: Stage
    grade: Grade
    transfer: TransferId | None = None


EVENTS = (
    TransferRequested,
    TransferConsented,
    TransferRefused,
    TransferWithdrawn,
    StudentTransferred,
)
