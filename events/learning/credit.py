"""Outcomes and their recognition, credits and their transfer, certificates."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from events.event import CentiCredits, Cites, Count, Event, Name, Number, Personal, PersonId, Tag, Text
from events.learning.terms import Category, Result

OutcomeKind = Literal["course", "qualification", "training", "experience", "self-study"]
OutcomeId = Annotated[Number, Tag("outcome")]
AwardId = Annotated[Number, Tag("award")]
CreditTransferId = Annotated[Number, Tag("credit-transfer")]
CertificateId = Annotated[Number, Tag("certificate")]


class OutcomeDeposited(Event, frozen=True):
    """A learning outcome has been put into a person's archive (学习成果存入).

    That of a course names course and offering; any other may cite the event that shows it.
    """

    person: PersonId
    outcome: OutcomeId
    kind: OutcomeKind
    title: Name
    category: Category
    hours: Count
    result: Result
    course: Number | None = None
    offering: Number | None = None
    evidence: Annotated[str, Cites(), Meta(max_length=400)] | None = None


class OutcomeSubmitted(Event, frozen=True):
    """A learner has submitted an outcome to a member for recognition by a standard (申请认证)."""

    person: PersonId
    outcome: Number
    institution: Number
    standard: Number


class OutcomeRecognised(Event, frozen=True):
    """A member has recognised an outcome by a standard in force (学习成果认证)."""

    person: PersonId
    outcome: Number
    institution: Number
    standard: Number


class OutcomeDeclined(Event, frozen=True):
    """A member has declined to recognise an outcome, which may be submitted again."""

    person: PersonId
    outcome: Number
    institution: Number
    reason: Text


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
    """A transfer that a revocation undoes: what counts in a programme no longer."""

    transfer: Number
    programme: Number
    category: Category
    credits: CentiCredits


class CreditsRevoked(Event, frozen=True):
    """The awarding member has revoked credits (撤销学分), which unwinds every transfer of them."""

    person: PersonId
    award: Number
    institution: Number
    category: Category
    credits: CentiCredits
    reason: Text
    unwound: list[Unwound] = []
    transfers: list[CreditTransferId] = []


class CreditTransferRequested(Event, frozen=True):
    """A learner has asked that an award count in a programme (申请学分转换)."""

    transfer: CreditTransferId
    person: PersonId
    award: Number
    institution: Number
    programme: Number
    rule: Number


class CreditTransferDeclined(Event, frozen=True):
    """The receiving member has declined a transfer."""

    transfer: CreditTransferId
    person: PersonId
    institution: Number
    reason: Text


class CreditsTransferred(Event, frozen=True):
    """The receiving member counts an award's credits in its programme (学分转换); the award itself stays."""

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


class CertificateIssued(Event, frozen=True):
    """A member has issued a certificate (证书) that rests on awards, and counts in a programme if it names one."""

    certificate: CertificateId
    person: PersonId
    institution: Number
    title: Name
    awards: list[Number]
    holder: Annotated[bytes, Personal(of="person", retention="diploma", findable=True)]
    programme: Number | None = None


class CertificateRevoked(Event, frozen=True):
    """The member that issued a certificate has revoked it."""

    certificate: CertificateId
    person: PersonId
    institution: Number
    reason: Text
