"""Credit transfer (学分转换)."""

from __future__ import annotations

from events.event import CentiCredits, Event, Number, PersonId
from events.learning.vocabulary import Category, CreditTransferId, SealedReason


class CreditTransferRequested(Event, frozen=True):
    """A learner has requested that an award count in a programme (申请学分转换)."""

    transfer: CreditTransferId
    person: PersonId
    award: Number
    institution: Number
    programme: Number
    rule: Number


class CreditTransferDeclined(Event, frozen=True):
    """The receiving member has declined a transfer request."""

    transfer: CreditTransferId
    person: PersonId
    institution: Number
    reason: SealedReason


class CreditsTransferred(Event, frozen=True):
    """The receiving member counts an award's credits in its programme (学分转换); the award itself is unchanged."""

    transfer: CreditTransferId
    person: PersonId
    award: Number
    institution: Number
    programme: Number
    rule: Number
    from_category: Category
    category: Category
    credits: CentiCredits
    exclusive: bool


EVENTS = (
    CreditTransferRequested,
    CreditTransferDeclined,
    CreditsTransferred,
)
