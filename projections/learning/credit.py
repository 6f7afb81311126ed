"""Credit balances and the ledger of credit transfers (学分累积与转换)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from events.learning.credit import CreditsAwarded, CreditsRevoked
from events.learning.transfers import CreditsTransferred, CreditTransferDeclined, CreditTransferRequested
from projections.life_cycle import LifeCycle, Step
from projections.read_model import ReadModel

Changes = CreditsAwarded | CreditsTransferred | CreditsRevoked


class Balance(Struct):
    """A person's credits in a category, in hundredths: one balance of all of them, and one per programme.

    The balance of all has an empty `programme`: it holds the credits accumulated, those still
    transferable (from awards not in `reserved`, which a programme counts exclusively), and those revoked.
    The balance of a programme holds the credits used in it. `awards` holds the credits of each award in
    the balance.
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
    """Add credits earned or used and subtract those revoked, never more than an award has added."""
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
    """Yield the category and programme of each balance that a change affects."""
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
    """A line of the ledger of credit transfers: requested, decided, and unwound if its award was revoked."""

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
    reason: bytes | None = None


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
    """Follow a transfer; an unwound one keeps its credits on record."""
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
