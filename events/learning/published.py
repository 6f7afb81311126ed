"""Data published by the credit bank: members, credit terms, recognition standards and transfer rules."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from events.dated import RULES_TAG, LimitedRuleData, RuleData, numbered
from events.event import CentiCredits, Day, Event, Name, Number, Tag, Text
from events.learning.vocabulary import Category, OutcomeKind, Result

Percent = Annotated[int, Meta(ge=0, le=100)]
InstitutionId = Annotated[Number, Tag("institution")]
StandardId = Annotated[Number, Tag("standard")]
TransferRuleId = Annotated[Number, Tag("transfer-rule")]


class MemberAdmitted(Event, frozen=True):
    """An institution has become a member of the credit bank (成员机构)."""

    institution: InstitutionId
    name: Name


class MemberRemoved(Event, frozen=True):
    """An institution is no longer a member of the credit bank."""

    institution: InstitutionId
    reason: Text


class HoursPerCredit(Struct, frozen=True):
    """The hours of learning that make one credit of a category (学时折算学分)."""

    category: Category
    hours: Annotated[int, Meta(ge=1, le=1000)]


class ResultCounts(Struct, frozen=True):
    """The percentage of the full credits that a result earns."""

    result: Result
    percent: Percent


class MostHours(Struct, frozen=True):
    """The hours for which an outcome of a kind can earn credits at most."""

    kind: OutcomeKind
    hours: Annotated[int, Meta(ge=1, le=1_000_000)]


class CreditTermsPublished(RuleData, frozen=True):
    """Credit terms have been published (学分核算规则): hours per credit, what each result earns, and for how many hours."""

    terms: Annotated[Number, RULES_TAG]
    since: Day
    hours_per_credit: list[HoursPerCredit]
    results: list[ResultCounts]
    most_hours: list[MostHours] = []


class RecognitionStandardPublished(LimitedRuleData, frozen=True):
    """A standard for recognising outcomes of a category has been published (认证标准)."""

    standard: StandardId
    institution: Number
    title: Name
    category: Category
    terms: Number
    since: Day


class RecognitionStandardRetired(Event, frozen=True):
    """A recognition standard has been retired; it is not in force from this day on."""

    standard: StandardId
    reason: Text


class CreditTransferRulePublished(LimitedRuleData, frozen=True):
    """A member has published which credits count in its own programme, up to a cap (学分转换规则).

    `percent` of an award's credits count. If a rule is `exclusive`, no other programme may count them too.
    Credits awarded more than `valid_days` ago no longer count.
    """

    rule: TransferRuleId
    institution: Number
    programme: Number
    from_category: Category
    to_category: Category
    percent: Annotated[int, Meta(ge=1, le=100)]
    cap: CentiCredits
    exclusive: bool
    since: Day
    valid_days: Annotated[int, Meta(ge=1, le=36_525)] | None = None


class CreditTransferRuleRetired(Event, frozen=True):
    """A transfer rule has been retired; it is not in force from this day on."""

    rule: TransferRuleId
    institution: Number
    reason: Text


CREDIT_TERMS = numbered(CreditTermsPublished)
STANDARD = numbered(RecognitionStandardPublished, RecognitionStandardRetired)
TRANSFER_RULE = numbered(CreditTransferRulePublished, CreditTransferRuleRetired)

EVENTS = (
    MemberAdmitted,
    MemberRemoved,
    CreditTermsPublished,
    RecognitionStandardPublished,
    RecognitionStandardRetired,
    CreditTransferRulePublished,
    CreditTransferRuleRetired,
)
