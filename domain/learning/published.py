"""What the credit bank publishes: its members, credit terms, recognition standards and transfer rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from msgspec import Struct, field

from domain.dated import in_force
from domain.rule import Refused, Rule, of, refuse_if
from events.fold import Fold
from events.learning.certificates import CertificateIssued
from events.learning.courses import CourseOffered, CourseSharingAgreed
from events.learning.credit import CreditsAwarded
from events.learning.outcomes import OutcomeRecognised, OutcomeSubmitted
from events.learning.published import (
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


class Terms(Struct):
    """The versions of published credit terms."""

    terms: str
    versions: list[CreditTermsPublished] = field(default_factory=list)

    def earned(self, category: Category, result: Result, hours: int, day: str) -> int:
        """Return the hundredths of credits that hours with a result earn. Raises Refused where nothing says."""
        found = in_force(self.versions, day)
        if found is None:
            raise Refused("unknown-credit-terms", f"no credit terms {self.terms} are in force on {day}")
        per_credit = [each.hours for each in found.hours_per_credit if each.category == category]
        percent = [each.percent for each in found.results if each.result == result]
        if not per_credit or not percent:
            raise Refused("terms-silent", f"the terms {self.terms} do not say what {category}/{result} earns")
        return hours * percent[0] // per_credit[0]


def terms(state: Terms, event: CreditTermsPublished) -> None:
    """Keep every version; which one counts is a question of the day."""
    state.versions.append(event)


TERMS = Fold("rules", Terms, terms)


class Limited(Protocol):
    """Something published that is in force between two days."""

    @property
    def since(self) -> str:
        """The first day on which it is in force."""

    @property
    def until(self) -> str | None:
        """The last day on which it is in force, where that is known."""


L = TypeVar("L", bound=Limited)


def valid(what: str, number: str, versions: Sequence[L], retired: str, day: str) -> L:
    """Return the version in force on a day. Raises Refused where none is."""
    refuse_if(not versions, f"unknown-{what}", f"no {what} {number} is published")
    found = in_force(versions, day)
    if found is None or (found.until or day) < day or (retired and retired <= day):
        raise Refused(f"{what}-not-in-force", f"the {what} {number} is not in force on {day}")
    return found


class Standard(Struct):
    """The versions of a recognition standard, and since when it is retired."""

    standard: str
    versions: list[RecognitionStandardPublished] = field(default_factory=list)
    retired: str = ""

    def valid(self, day: str) -> RecognitionStandardPublished:
        """Return the version in force on a day. Raises Refused where none is."""
        return valid("standard", self.standard, self.versions, self.retired, day)


def standard(state: Standard, event: RecognitionStandardPublished | RecognitionStandardRetired) -> None:
    """Follow a standard; publishing it again ends its retirement."""
    match event:
        case RecognitionStandardPublished():
            state.versions.append(event)
            state.retired = ""
        case RecognitionStandardRetired():
            state.retired = event.day


STANDARD = Fold("standard", Standard, standard)


class TransferRule(Struct):
    """The versions of a transfer rule, and since when it is retired."""

    rule: str
    versions: list[CreditTransferRulePublished] = field(default_factory=list)
    retired: str = ""

    def valid(self, day: str) -> CreditTransferRulePublished:
        """Return the version in force on a day. Raises Refused where none is."""
        return valid("transfer-rule", self.rule, self.versions, self.retired, day)


def transfer_rule(
    state: TransferRule, event: CreditTransferRulePublished | CreditTransferRuleRetired
) -> None:
    """Follow a transfer rule; publishing it again ends its retirement."""
    match event:
        case CreditTransferRulePublished():
            state.versions.append(event)
            state.retired = ""
        case CreditTransferRuleRetired():
            state.retired = event.day


TRANSFER_RULE = Fold("transfer-rule", TransferRule, transfer_rule)


def admitted_once(member: Member, proposed: MemberAdmitted) -> None:
    """An institution is admitted once, until it is removed."""
    refuse_if(member.admitted, "member-admitted", f"{proposed.institution} is a member already")


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
    """Only a member of the credit bank offers, recognises, awards, receives and certifies."""
    is_member(member)


def is_member(member: Member) -> None:
    """Refuse where an institution is not, or no longer, a member."""
    refuse_if(member.removed, "member-removed", f"{member.institution} is a member no longer")
    refuse_if(not member.admitted, "unknown-member", f"{member.institution} is no member of the credit bank")


def terms_say_once(terms: Terms, proposed: CreditTermsPublished) -> None:
    """Credit terms say once what a category and a result earn."""
    categories = [each.category for each in proposed.hours_per_credit]
    results = [each.result for each in proposed.results]
    refuse_if(
        len(set(categories)) < len(categories) or len(set(results)) < len(results),
        "said-twice",
        f"the terms {terms.terms} tell a category or a result twice",
    )


def standard_of_its_publisher(standard: Standard, proposed: RecognitionStandardPublished) -> None:
    """A standard ends no earlier than it begins, and keeps its publisher and its category."""
    ends_after_it_begins(proposed)
    for known in standard.versions[-1:]:
        refuse_if(known.institution != proposed.institution, "other-publisher", f"{known.institution} has it")
        refuse_if(known.category != proposed.category, "other-category", f"it is for {known.category}")


def ends_after_it_begins(published: Limited) -> None:
    """Refuse a validity that ends before it begins."""
    refuse_if(
        published.until is not None and published.until < published.since,
        "ends-before-it-begins",
        f"{published.until} is before {published.since}",
    )


def standard_retired_once(standard: Standard, proposed: RecognitionStandardRetired) -> None:
    """A standard is retired once."""
    refuse_if(not standard.versions, "unknown-standard", f"no standard {proposed.standard} is published")
    refuse_if(standard.retired, "standard-retired", f"{proposed.standard} is retired already")


def transfer_rule_of_its_publisher(rule: TransferRule, proposed: CreditTransferRulePublished) -> None:
    """A transfer rule belongs to the receiving institution and keeps its programme (接收方认定)."""
    ends_after_it_begins(proposed)
    never_to_academic(proposed.from_category, proposed.to_category)
    for known in rule.versions[-1:]:
        refuse_if(known.institution != proposed.institution, "other-publisher", f"{known.institution} has it")
        refuse_if(known.programme != proposed.programme, "other-programme", f"it is for {known.programme}")


def never_to_academic(from_category: Category, to_category: Category) -> None:
    """Refuse what would make culture and leisure (文化休闲) academic credit."""
    refuse_if(
        from_category == "culture-and-leisure" and to_category == "academic",
        "culture-to-academic",
        "credits of culture and leisure never transfer to academic credit",
    )


def transfer_rule_retired_once(rule: TransferRule, proposed: CreditTransferRuleRetired) -> None:
    """The institution that published a transfer rule retires it, once."""
    refuse_if(not rule.versions, "unknown-transfer-rule", f"no transfer rule {proposed.rule} is published")
    refuse_if(rule.retired, "transfer-rule-retired", f"{proposed.rule} is retired already")
    publisher = rule.versions[-1].institution
    refuse_if(publisher != proposed.institution, "other-publisher", f"{publisher} has published it")


RULES = (
    Rule(admitted_once, MEMBER),
    Rule(in_membership, of(MEMBER, "institution")),
    Rule(terms_say_once, TERMS),
    Rule(standard_of_its_publisher, STANDARD),
    Rule(standard_retired_once, STANDARD),
    Rule(transfer_rule_of_its_publisher, TRANSFER_RULE),
    Rule(transfer_rule_retired_once, TRANSFER_RULE),
)
