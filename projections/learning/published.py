"""Published data of the credit bank: members, credit terms, recognition standards, and transfer rules."""

from __future__ import annotations

from msgspec import Struct, field

from events.learning.published import (
    CreditTermsPublished,
    CreditTransferRulePublished,
    CreditTransferRuleRetired,
    HoursPerCredit,
    MemberAdmitted,
    MemberRemoved,
    MostHours,
    RecognitionStandardPublished,
    RecognitionStandardRetired,
    ResultCounts,
)
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel
from projections.versions import Version, retire


class Member(Struct):
    """An institution that is or was a member of the credit bank (成员机构)."""

    institution: str
    name: str = ""
    status: str = "unknown"
    since: str | None = None


STEPS = LifeCycle(Member, {MemberAdmitted: Step("member"), MemberRemoved: Step("removed")}, since="since")


def member(row: Member, event: MemberAdmitted | MemberRemoved) -> None:
    """Follow an institution's membership of the credit bank."""
    STEPS.follow(row, event)
    if isinstance(event, MemberAdmitted):
        row.name = event.name


class CreditTerms(Struct):
    """A version of the published credit terms (学分核算规则), in force from `since` until the next one."""

    terms: str
    since: str
    hours_per_credit: list[HoursPerCredit] = field(default_factory=list)
    results: list[ResultCounts] = field(default_factory=list)
    most_hours: list[MostHours] = field(default_factory=list)


def credit_terms(row: CreditTerms, event: CreditTermsPublished) -> None:
    """Keep what was last published for the day."""
    row.hours_per_credit, row.results = event.hours_per_credit, event.results
    row.most_hours = event.most_hours


class Standard(Struct):
    """A recognition standard (认证标准): its latest version and, if that is retired, the day of retirement.

    `versions` has the days of all its versions: what is in force on a day is the latest that has begun, unless it has ended.
    """

    standard: str
    title: str = ""
    institution: str = ""
    category: str = ""
    terms: str = ""
    since: str | None = None
    until: str | None = None
    retired: str | None = None
    versions: list[Version] = field(default_factory=list)


def standard(row: Standard, event: RecognitionStandardPublished | RecognitionStandardRetired) -> None:
    """Follow a standard; a retirement ends the versions before it, not those published later."""
    match event:
        case RecognitionStandardPublished():
            row.title, row.institution, row.category = event.title, event.institution, event.category
            row.terms, row.since, row.until, row.retired = event.terms, event.since, event.until, None
            row.versions.append(Version(event.since, event.until))
        case RecognitionStandardRetired():
            row.retired = event.day
            retire(row.versions, event.day)


class TransferRule(Struct):
    """A rule of credit transfer (学分转换规则): its latest version and, if that is retired, the day of retirement.

    `versions` has the days of all its versions: what is in force on a day is the latest that has begun, unless it has ended.
    """

    rule: str
    institution: str = ""
    programme: str = ""
    from_category: str = ""
    to_category: str = ""
    percent: int = 0
    cap: int = 0
    exclusive: bool = False
    valid_days: int | None = None
    since: str | None = None
    until: str | None = None
    retired: str | None = None
    versions: list[Version] = field(default_factory=list)


def transfer_rule(row: TransferRule, event: CreditTransferRulePublished | CreditTransferRuleRetired) -> None:
    """Follow a transfer rule; a retirement ends the versions before it, not those published later."""
    match event:
        case CreditTransferRulePublished():
            row.institution, row.programme = event.institution, event.programme
            row.from_category, row.to_category = event.from_category, event.to_category
            row.percent, row.cap, row.exclusive = event.percent, event.cap, event.exclusive
            row.valid_days, row.since, row.until = event.valid_days, event.since, event.until
            row.retired = None
            row.versions.append(Version(event.since, event.until))
        case CreditTransferRuleRetired():
            row.retired = event.day
            retire(row.versions, event.day)


READ_MODELS = (
    ReadModel("credit-bank-members", "institution", Member, member, filter=("status",), sort=("since",)),
    ReadModel("credit-terms", "rules", CreditTerms, credit_terms),
    ReadModel(
        "recognition-standards",
        "standard",
        Standard,
        standard,
        filter=("institution", "category"),
        sort=("since", "until"),
    ),
    ReadModel(
        "credit-transfer-rules",
        "transfer-rule",
        TransferRule,
        transfer_rule,
        filter=("institution", "programme", "from_category", "to_category"),
        sort=("since", "until"),
    ),
)
