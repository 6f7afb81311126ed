"""Published by the credit bank: members, credit terms, recognition standards, transfer rules."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from events.dated import RULES, RuleData, numbered
from events.event import CentiCredits, Day, Event, Name, Number, Tag, Text
from events.learning.vocabulary import Category, Result

Percent = Annotated[int, Meta(ge=0, le=100)]
InstitutionId = Annotated[Number, Tag("institution")]
StandardId = Annotated[Number, Tag("standard")]
TransferRuleId = Annotated[Number, Tag("transfer-rule")]


class MemberAdmitted(Event, frozen=True):
    """An institution has become a member of the credit bank (成员机构)."""

    institution: InstitutionId
    name: Name


class MemberRemoved(Event, frozen=True):
    """An institution is a member of the credit bank no longer."""

    institution: InstitutionId
    reason: Text


class HoursPerCredit(Struct, frozen=True):
    """How many hours of learning make one credit of a category (学时折算学分)."""

    category: Category
    hours: Annotated[int, Meta(ge=1, le=1000)]


class ResultCounts(Struct, frozen=True):
    """How much of the full credits a result earns."""

    result: Result
    percent: Percent


class CreditTermsPublished(RuleData, frozen=True):
    """Hours per credit and the credits that each result earns have been put into force (学分核算规则)."""

    terms: Annotated[Number, RULES]
    since: Day
    hours_per_credit: list[HoursPerCredit]
    results: list[ResultCounts]


class RecognitionStandardPublished(RuleData, frozen=True):
    """A standard by which outcomes of a category are recognised has been put into force (认证标准)."""

    standard: StandardId
    institution: Number
    title: Name
    category: Category
    terms: Number
    since: Day
    until: Day | None = None


class RecognitionStandardRetired(Event, frozen=True):
    """A recognition standard is out of force from this day on."""

    standard: StandardId
    reason: Text


class CreditTransferRulePublished(RuleData, frozen=True):
    """A member has put into force which credits count in a programme of its own, up to a cap (学分转换规则).

    `percent` of an award's credits count. An `exclusive` rule lets no other programme count them too.
    Credits awarded more than `valid_days` ago count no more.
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
    until: Day | None = None
    valid_days: Annotated[int, Meta(ge=1, le=36_525)] | None = None


class CreditTransferRuleRetired(Event, frozen=True):
    """A transfer rule is out of force from this day on."""

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
