"""Credits: awarded and revoked."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct

from events.event import CentiCredits, Event, Number, PersonId, Tag
from events.learning.vocabulary import Category, CreditTransferId, SealedReason

AwardId = Annotated[Number, Tag("award")]


class CreditsAwarded(Event, frozen=True):
    """A recognised outcome has earned credits, counted by the published terms (学分核算)."""

    person: PersonId
    award: AwardId
    outcome: Number
    institution: Number
    standard: Number
    terms: Number
    category: Category
    credits: CentiCredits


class Unwound(Struct, frozen=True):
    """A transfer that a revocation undoes: its credits no longer count in the programme."""

    transfer: Number
    programme: Number
    category: Category
    credits: CentiCredits


class CreditsRevoked(Event, frozen=True):
    """The awarding member has revoked credits (撤销学分), which undoes every transfer of them.

    An award that was mistaken, or rested on a result that has been corrected, frees its outcome for another award.
    """

    person: PersonId
    award: Number
    institution: Number
    category: Category
    credits: CentiCredits
    reason: SealedReason
    unwound: list[Unwound] = []
    transfers: list[CreditTransferId] = []
    ground: Literal["fraud", "mistaken", "result-corrected"] = "fraud"


EVENTS = (
    CreditsAwarded,
    CreditsRevoked,
)
