"""Data published by the credit bank: members, credit terms, recognition standards and transfer rules."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from msgspec import Struct

from domain.dated import listed, listed_once, published_ahead, retired_once, version_on
from domain.rule import Code, Refused, Rule, data, of, refuse_if, too_early_if
from events.dated import Dated, Versions
from events.fold import Fold
from events.learning.certificates import CertificateIssued
from events.learning.courses import CourseOffered, CourseSharingAgreed
from events.learning.credit import CreditsAwarded
from events.learning.outcomes import OutcomeRecognised, OutcomeSubmitted
from events.learning.published import (
    STANDARD,
    TRANSFER_RULE,
    CreditTermsPublished,
    CreditTransferRulePublished,
    CreditTransferRuleRetired,
    MemberAdmitted,
    MemberRemoved,
    RecognitionStandardPublished,
    RecognitionStandardRetired,
)
from events.learning.transfers import CreditsTransferred
from events.learning.vocabulary import Category, Result


class Member(Struct):
    """Whether an institution is a member of the credit bank."""

    institution: str
    admitted: bool = False
    removed: bool = False


def member(state: Member, event: MemberAdmitted | MemberRemoved) -> None:
    """Follow an institution into and out of the credit bank."""
    state.admitted = isinstance(event, MemberAdmitted)
    state.removed = not state.admitted


MEMBER = Fold("institution", Member, member)


BEST_FIRST: tuple[Result, ...] = ("distinction", "merit", "pass", "fail")

Terms: TypeAlias = Versions[CreditTermsPublished]
Standard: TypeAlias = Versions[RecognitionStandardPublished]
TransferRule: TypeAlias = Versions[CreditTransferRulePublished]


def earned(terms: Terms, category: Category, result: Result, hours: int, day: str) -> int:
    """Return the hundredths of a credit that hours with a result earn. Raises Refused if the terms do not cover them."""
    found = version_on(terms, day, "unknown-credit-terms", f"credit terms {terms.name}")
    per_credit = [each.hours for each in found.hours_per_credit if each.category == category]
    percent = [each.percent for each in found.results if each.result == result]
    if not per_credit or not percent:
        raise Refused(
            "terms-silent", f"the terms {terms.name} do not cover {category} with the result {result}"
        )
    return hours * percent[0] // per_credit[0]


D = TypeVar("D", bound=Dated)


def valid_on(versions: Versions[D], day: str, what: str, *, unknown: Code, ended: Code) -> D:
    """Return the version in force on a day. Raises TooEarly if nothing is published, Refused if none is in force."""
    too_early_if(not versions.published, unknown, f"no {what} {versions.name} is published")
    found = versions.on(day)
    if found is None:
        raise Refused(ended, f"the {what} {versions.name} is not in force on {day}")
    return found


def standard_on(standard: Standard, day: str) -> RecognitionStandardPublished:
    """Return the version of a recognition standard in force on a day, as `valid_on` does."""
    return valid_on(standard, day, "standard", unknown="unknown-standard", ended="standard-not-in-force")


def rule_on(rule: TransferRule, day: str) -> CreditTransferRulePublished:
    """Return the version of a transfer rule in force on a day, as `valid_on` does."""
    return valid_on(
        rule, day, "transfer rule", unknown="unknown-transfer-rule", ended="transfer-rule-not-in-force"
    )


def admitted_once(member: Member, proposed: MemberAdmitted) -> None:
    """An institution is admitted once, unless it has been removed."""
    refuse_if(member.admitted, "member-admitted", f"{proposed.institution} is already a member")


def in_membership(
    member: Member,
    proposed: MemberRemoved
    | CourseOffered
    | CourseSharingAgreed
    | RecognitionStandardPublished
    | CreditTransferRulePublished
    | OutcomeSubmitted
    | OutcomeRecognised
    | CreditsAwarded
    | CreditsTransferred
    | CertificateIssued,
) -> None:
    """Only a member of the credit bank offers, shares, recognises, awards, transfers and certifies."""
    is_member(member)


def is_member(member: Member) -> None:
    """Refuse unless the institution is a member of the credit bank."""
    refuse_if(member.removed, "member-removed", f"{member.institution} is no longer a member")
    too_early_if(
        not member.admitted, "unknown-member", f"{member.institution} is not a member of the credit bank"
    )


def terms_say_once(proposed: CreditTermsPublished) -> None:
    """Credit terms list each category and each result once, and no result earns less than a lower one."""
    listed("categories", [each.category for each in proposed.hours_per_credit])
    listed_once("kinds of outcome", [each.kind for each in proposed.most_hours])
    listed("results", [each.result for each in proposed.results])
    earns = {each.result: each.percent for each in proposed.results}
    percents = [earns[each] for each in BEST_FIRST if each in earns]
    refuse_if(
        percents != sorted(percents, reverse=True),
        "lower-earns-more",
        f"no result earns less than a lower one: {', '.join(f'{each} {earns[each]} %' for each in earns)}",
    )


def standard_of_its_publisher(standard: Standard, proposed: RecognitionStandardPublished) -> None:
    """A recognition standard keeps its publisher and its category."""
    for known in standard.published[-1:]:
        refuse_if(
            known.institution != proposed.institution,
            "other-publisher",
            f"the standard is {known.institution}'s",
        )
        refuse_if(
            known.category != proposed.category, "other-category", f"the standard is for {known.category}"
        )


def standard_retired_once(standard: Standard, proposed: RecognitionStandardRetired) -> None:
    """A recognition standard is retired once."""
    retired_once(standard, "standard", unknown="unknown-standard", retired="standard-retired")


def transfer_rule_of_its_publisher(rule: TransferRule, proposed: CreditTransferRulePublished) -> None:
    """A transfer rule belongs to the receiving institution, keeps its programme and counts something (接收方认定)."""
    refuse_if(not proposed.cap, "counts-nothing", "a cap of no credits counts nothing")
    never_to_academic(proposed.from_category, proposed.to_category)
    for known in rule.published[-1:]:
        refuse_if(
            known.institution != proposed.institution,
            "other-publisher",
            f"the transfer rule is {known.institution}'s",
        )
        refuse_if(
            known.programme != proposed.programme,
            "other-programme",
            f"the transfer rule is for {known.programme}",
        )


def never_to_academic(from_category: Category, to_category: Category) -> None:
    """Refuse to count credits of culture and leisure (文化休闲) as academic credit."""
    refuse_if(
        from_category == "culture-and-leisure" and to_category == "academic",
        "culture-to-academic",
        "credits of culture and leisure never transfer to academic credit",
    )


def transfer_rule_retired_once(rule: TransferRule, proposed: CreditTransferRuleRetired) -> None:
    """The institution that published a transfer rule retires it, once."""
    retired_once(rule, "transfer rule", unknown="unknown-transfer-rule", retired="transfer-rule-retired")
    publisher = rule.published[-1].institution
    refuse_if(publisher != proposed.institution, "other-publisher", f"the transfer rule is {publisher}'s")


RULES = (
    Rule(admitted_once, MEMBER),
    Rule(in_membership, of(MEMBER, "institution")),
    Rule(terms_say_once),
    Rule(standard_of_its_publisher, data(STANDARD)),
    Rule(standard_retired_once, data(STANDARD)),
    Rule(transfer_rule_of_its_publisher, data(TRANSFER_RULE)),
    Rule(transfer_rule_retired_once, data(TRANSFER_RULE)),
    published_ahead(CreditTermsPublished, RecognitionStandardPublished, CreditTransferRulePublished),
)
