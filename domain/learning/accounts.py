"""Accounts with the credit bank: who may learn, and in which sector."""

from __future__ import annotations

from msgspec import Struct, field

from domain.number import new_number
from domain.rule import Rule, refuse_if, too_early_if
from events.fold import Fold
from events.learning.accounts import LearnerSectorChanged, LearningAccountClosed, LearningAccountOpened
from events.learning.courses import CourseEnrolled
from events.learning.outcomes import OutcomeDeposited, OutcomeSubmitted
from events.learning.transfers import CreditTransferRequested
from events.learning.vocabulary import Sector


class Accounts(Struct):
    """A person's open accounts and their sectors (at most one, unless persons were merged), and the closed ones."""

    person: str
    sectors: dict[str, Sector] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)


def accounts(
    state: Accounts, event: LearningAccountOpened | LearnerSectorChanged | LearningAccountClosed
) -> None:
    """Follow a person's accounts."""
    match event:
        case LearningAccountOpened():
            state.sectors[event.account] = event.sector
        case LearnerSectorChanged():
            state.sectors[event.account] = event.to_sector
        case LearningAccountClosed():
            state.sectors.pop(event.account, None)
            state.closed.add(event.account)


ACCOUNTS = Fold("person", Accounts, accounts, steps=True)


def one_open_account(accounts: Accounts, proposed: LearningAccountOpened) -> None:
    """A person has at most one open learning account."""
    refuse_if(
        accounts.sectors,
        "has-an-account",
        "the learner already has an open account",
    )


def sector_of_the_account(accounts: Accounts, proposed: LearnerSectorChanged | LearningAccountClosed) -> None:
    """A change of sector, or a closure, names an open account of the person and its present sector."""
    named = proposed.from_sector if isinstance(proposed, LearnerSectorChanged) else proposed.sector
    known = accounts.sectors.get(proposed.account)
    refuse_if(
        known is None and proposed.account in accounts.closed,
        "account-closed",
        f"the account {proposed.account} is closed: open a new one",
    )
    too_early_if(known is None, "unknown-account", f"the learner has no open account {proposed.account}")
    refuse_if(known != named, "other-sector", f"the account is in the sector {known}, not {named}")


def to_another_sector(accounts: Accounts, proposed: LearnerSectorChanged) -> None:
    """A change of sector is to a different sector."""
    refuse_if(
        proposed.from_sector == proposed.to_sector,
        "same-sector",
        f"{accounts.person} is already in the sector {proposed.to_sector}",
    )


def account_open(
    accounts: Accounts,
    proposed: CourseEnrolled | OutcomeDeposited | OutcomeSubmitted | CreditTransferRequested,
) -> None:
    """Only a person with an open learning account enrols, deposits, submits or requests a transfer."""
    too_early_if(not accounts.sectors, "unknown-account", f"{proposed.person} has no open learning account")


RULES = (
    Rule(one_open_account, ACCOUNTS),
    new_number(
        "learning-account",
        LearningAccountOpened,
        "account-number-given",
        name="new_account",
        sentence="A learning account number is assigned only once.",
    ),
    Rule(sector_of_the_account, ACCOUNTS),
    Rule(to_another_sector, ACCOUNTS),
    Rule(account_open, ACCOUNTS),
)
