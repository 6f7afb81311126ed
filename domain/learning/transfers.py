"""Credit transfer (学分转换): requested by the learner, decided by the receiving institution."""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from domain.learning.credit import CREDITS, Award, Credits
from domain.learning.published import TransferRule, never_to_academic, rule_on
from domain.number import new_number
from domain.rule import Revision, Rule, data, ever, look_up, of, refuse_if
from events.clock import days_between
from events.fold import Fold
from events.learning.published import TRANSFER_RULE, CreditTransferRulePublished
from events.learning.transfers import CreditsTransferred, CreditTransferDeclined, CreditTransferRequested


class Asked(Struct, frozen=True):
    """A request for a transfer: which award is to count where, by which rule."""

    award: str
    institution: str
    programme: str
    rule: str


class Requests(Struct):
    """A person's open requests for transfers, and the numbers of the decided ones."""

    person: str
    open: dict[str, Asked] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)

    def get(self, transfer: str) -> Asked:
        """Return an open request. Raises Refused if it is decided, TooEarly if it is unknown."""
        refuse_if(
            transfer in self.decided, "transfer-decided", f"the request {transfer} has already been decided"
        )
        sentence = f"{self.person} has not requested the transfer {transfer}"
        return look_up(self.open, transfer, "unknown-transfer", sentence)


def requests(
    state: Requests, event: CreditTransferRequested | CreditTransferDeclined | CreditsTransferred
) -> None:
    """Follow a person's requests until they are decided."""
    match event:
        case CreditTransferRequested():
            state.open[event.transfer] = Asked(event.award, event.institution, event.programme, event.rule)
        case CreditTransferDeclined() | CreditsTransferred():
            state.open.pop(event.transfer, None)
            state.decided.add(event.transfer)


REQUESTS = Fold("person", Requests, requests, steps=True)


def asked_of_its_receiver(
    requests: Requests, held: Credits, rule: TransferRule, proposed: CreditTransferRequested
) -> None:
    """A learner requests a transfer once, from the rule's institution, and only if the award does not count there."""
    refuse_if(
        proposed.programme in held.get(proposed.award).programmes,
        "counted-already",
        f"the award {proposed.award} already counts in {proposed.programme}",
    )
    asked = {(each.award, each.programme) for each in requests.open.values()}
    refuse_if(
        (proposed.award, proposed.programme) in asked,
        "requested-already",
        "the same transfer has already been requested",
    )
    version = rule_on(rule, proposed.day)
    refuse_if(
        (version.institution, version.programme) != (proposed.institution, proposed.programme),
        "other-programme",
        f"the transfer rule is {version.institution}'s, for {version.programme}",
    )


def decided_by_receiver(requests: Requests, proposed: CreditTransferDeclined) -> None:
    """Only the receiving institution declines a transfer, once."""
    decided_by(requests.get(proposed.transfer), proposed.institution)


def decided_by(asked: Asked, institution: str) -> None:
    """Refuse unless the institution is the one that the request was made to."""
    refuse_if(
        asked.institution != institution,
        "other-institution",
        f"the request is for {asked.institution} to decide",
    )


def transferred_as_asked(requests: Requests, proposed: CreditsTransferred) -> None:
    """The receiving institution transfers what was requested, once (接收方认定)."""
    asked = requests.get(proposed.transfer)
    decided_by(asked, proposed.institution)
    refuse_if(
        (asked.award, asked.programme, asked.rule) != (proposed.award, proposed.programme, proposed.rule),
        "other-than-requested",
        f"{proposed.transfer} requests that {asked.award} count in {asked.programme} by {asked.rule}",
    )


def counted_once_in_a_programme(held: Credits, proposed: CreditsTransferred) -> None:
    """An award counts at most once in a programme, and in several programmes only if every rule allows it."""
    programmes = held.get(proposed.award).programmes
    refuse_if(
        proposed.programme in programmes,
        "counted-already",
        f"the award {proposed.award} already counts there",
    )
    refuse_if(
        programmes and (proposed.exclusive or any(each.exclusive for each in programmes.values())),
        "counted-elsewhere",
        f"{proposed.award} counts in {', '.join(sorted(programmes))}, and a rule excludes any other",
    )


def transferred_by_rule(held: Credits, rule: TransferRule, proposed: CreditsTransferred) -> None:
    """A transfer follows a rule in force that day: its categories, its share, its time limit and its cap."""
    award, terms = held.get(proposed.award), rule_on(rule, proposed.day)
    never_to_academic(award.category, proposed.category)
    refuse_if(
        (terms.from_category, terms.to_category) != (award.category, proposed.category)
        or proposed.from_category != award.category,
        "other-category",
        f"the transfer rule is from {terms.from_category} to {terms.to_category}; the award is {award.category}",
    )
    refuse_if(
        terms.exclusive != proposed.exclusive,
        "other-than-the-rule",
        f"the transfer rule is {'exclusive' if terms.exclusive else 'not exclusive'}",
    )
    still_valid(award, terms, proposed.day)
    share = award.credits * terms.percent // 100
    refuse_if(
        not 0 < proposed.credits <= share,
        "beyond-its-share",
        f"between 1 and {share} hundredths of a credit can count",
    )
    counted = sum(
        each.credits
        for other in held.awards.values()
        for programme, each in other.programmes.items()
        if (programme, each.rule) == (proposed.programme, proposed.rule)
    )
    refuse_if(
        counted + proposed.credits > terms.cap,
        "beyond-the-cap",
        f"{counted} of {terms.cap} hundredths of a credit already count",
    )


def still_valid(award: Award, terms: CreditTransferRulePublished, day: str) -> None:
    """Refuse credits that are older than the rule accepts."""
    refuse_if(
        terms.valid_days is not None and days_between(award.awarded, day) > terms.valid_days,
        "credits-too-old",
        f"credits awarded on {award.awarded} count for {terms.valid_days} days",
    )


RULES = (
    new_number(
        "credit-transfer",
        CreditTransferRequested,
        "transfer-number-given",
        name="new_transfer",
        sentence="A credit transfer number is assigned only once.",
    ),
    Rule(asked_of_its_receiver, REQUESTS, CREDITS, data(of(TRANSFER_RULE, "rule"))),
    Rule(decided_by_receiver, REQUESTS),
    Rule(transferred_as_asked, REQUESTS),
    Rule(counted_once_in_a_programme, CREDITS),
    Rule(transferred_by_rule, ever(CREDITS), data(of(TRANSFER_RULE, "rule"))),
)


def counted_as_the_rule_says(rule: TransferRule, proposed: CreditsTransferred) -> CreditsTransferred:
    """The rule decides the category and whether credits count elsewhere too; how many, within the share, was a decision."""
    terms = rule_on(rule, proposed.day)
    return replace(proposed, category=terms.to_category, exclusive=terms.exclusive)


REVISIONS = (Revision(counted_as_the_rule_says, data(of(TRANSFER_RULE, "rule"))),)
