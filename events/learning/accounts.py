"""Learning accounts (学习账户)."""

from __future__ import annotations

from typing import Annotated

from events.event import Event, Number, PersonId, Tag
from events.learning.vocabulary import SealedReason, Sector

AccountId = Annotated[Number, Tag("learning-account")]
SectorTag = Annotated[Sector, Tag("sector")]


class LearningAccountOpened(Event, frozen=True):
    """A person has opened an account with the credit bank (学分银行账户)."""

    person: PersonId
    account: AccountId
    sector: SectorTag


class LearnerSectorChanged(Event, frozen=True):
    """A learner has moved to another sector of lifelong education: open, community, elderly or enterprise."""

    person: PersonId
    account: Number
    from_sector: SectorTag
    to_sector: SectorTag


class LearningAccountClosed(Event, frozen=True):
    """A learning account has been closed (销户); the archive stays."""

    person: PersonId
    account: Number
    sector: SectorTag
    reason: SealedReason


EVENTS = (
    LearningAccountOpened,
    LearnerSectorChanged,
    LearningAccountClosed,
)
