"""Credit balances and the ledger of transfers (学分累积与转换)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from events.learning.credit import CreditsAwarded, CreditsRevoked
from events.learning.transfers import CreditsTransferred, CreditTransferDeclined, CreditTransferRequested
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel

Changes = CreditsAwarded | CreditsTransferred | CreditsRevoked


class Balance(Struct):
    """A person's credits, in hundredths, of a category: all of them, and those used in each programme.

    With no programme it tells what is accumulated, what of it is still transferable (none of the `reserved`
    awards, which a programme counts exclusively), and what was revoked; with one, what that programme counts.
    `awards` are those that make the figures up.
    """

    person: str
    category: str
    programme: str
    accumulated: int = 0
    transferable: int = 0
    revoked: int = 0
    used: int = 0
    awards: dict[str, int] = field(default_factory=dict)
    reserved: list[str] = field(default_factory=list)


def balance(row: Balance, event: Changes) -> None:
    """Count what is earned, used and revoked; no figure falls by more than an award has put into it."""
    match event:
        case CreditsAwarded():
            row.awards[event.award] = event.credits
            row.accumulated += event.credits
            row.transferable += event.credits
        case CreditsTransferred() if row.programme:
            row.awards[event.award] = event.credits
            row.used += event.credits
        case CreditsTransferred() if event.award not in row.reserved:
            row.reserved.append(event.award)
            row.transferable -= row.awards.get(event.award, 0)
        case CreditsRevoked() if row.programme:
            row.used -= row.awards.pop(event.award, 0)
        case CreditsRevoked():
            left = row.awards.pop(event.award, 0)
            row.accumulated -= left
            row.revoked += left
            row.transferable -= 0 if event.award in row.reserved else left


def category_and_programme(event: Changes) -> Iterator[tuple[str, str]]:
    """Give the category and programme of each balance that a change touches."""
    match event:
        case CreditsAwarded():
            yield event.category, ""
        case CreditsTransferred():
            yield event.category, event.programme
            if event.exclusive:
                yield event.from_category, ""
        case CreditsRevoked():
            yield event.category, ""
            yield from {(each.category, each.programme): None for each in event.unwound}


class CreditTransfer(Struct):
    """One line of the ledger of credit transfers: asked for, decided, and unwound where it was."""

    transfer: str
    person: str = ""
    award: str = ""
    institution: str = ""
    programme: str = ""
    rule: str = ""
    from_category: str | None = None
    category: str | None = None
    credits: int = 0
    status: str = "unknown"
    requested: str | None = None
    decided: str | None = None
    unwound: str | None = None
    reason: str | None = None


STEPS = LifeCycle(
    CreditTransfer,
    {
        CreditTransferRequested: Step("requested", day="requested"),
        CreditsTransferred: Step("transferred", day="decided"),
        CreditTransferDeclined: Step("declined", day="decided"),
        CreditsRevoked: Step("unwound", day="unwound"),
    },
)


def credit_transfer(
    row: CreditTransfer,
    event: CreditTransferRequested | CreditsTransferred | CreditTransferDeclined | CreditsRevoked,
) -> None:
    """Follow a transfer; unwound, it keeps the credits that it was of."""
    STEPS.follow(row, event)
    match event:
        case CreditTransferRequested():
            row.person, row.award, row.rule = event.person, event.award, event.rule
            row.institution, row.programme = event.institution, event.programme
        case CreditsTransferred():
            row.credits, row.from_category, row.category = event.credits, event.from_category, event.category
        case CreditTransferDeclined() | CreditsRevoked():
            row.reason = event.reason


READ_MODELS = (
    ReadModel(
        "credit-balances",
        "person",
        Balance,
        balance,
        parts=category_and_programme,
        filter=("category", "programme"),
        sort=("accumulated", "used"),
    ),
    ReadModel(
        "credit-transfers",
        "credit-transfer",
        CreditTransfer,
        credit_transfer,
        filter=("person", "award", "institution", "programme", "rule", "status"),
        sort=("requested", "decided"),
    ),
)
