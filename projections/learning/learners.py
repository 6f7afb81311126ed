"""Learning accounts, and learners by sector: open, community, elderly, enterprise (plan, 六(2))."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct

from events.fold import accepted
from events.learning.accounts import LearnerSectorChanged, LearningAccountClosed, LearningAccountOpened
from projections.life_cycle import LifeCycle, Step
from projections.read_model import OfDay, ReadModel

Moves = LearningAccountOpened | LearnerSectorChanged | LearningAccountClosed


class LearningAccount(Struct):
    """A learner's account with the credit bank (学分银行账户)."""

    person: str
    account: str
    sector: str = ""
    status: str = "unknown"
    opened: str | None = None
    closed: str | None = None


STEPS = LifeCycle(
    LearningAccount,
    {
        LearningAccountOpened: Step("open", day="opened"),
        LearningAccountClosed: Step("closed", day="closed"),
    },
)


def learning_account(row: LearningAccount, event: Moves) -> None:
    """Follow an account from opening to closing."""
    STEPS.follow(row, event)
    match event:
        case LearningAccountOpened():
            row.sector = event.sector
        case LearnerSectorChanged():
            row.sector = event.to_sector


class Learners(Struct):
    """The change in a sector's number of learners on a day; the sum over all days is their number."""

    sector: str
    day: Annotated[str, OfDay()]
    opened: int = 0
    closed: int = 0
    moved: int = 0
    change: int = 0


def learners(row: Learners, event: Moves) -> None:
    """Add the learners who joined this sector on this day, and subtract those who left it."""
    match event:
        case LearningAccountOpened():
            row.opened += 1
            row.change += 1
        case LearningAccountClosed():
            row.closed += 1
            row.change -= 1
        case LearnerSectorChanged():
            moved = (event.to_sector == row.sector) - (event.from_sector == row.sector)
            row.moved += moved
            row.change += moved


READ_MODELS = (
    ReadModel(
        "learning-accounts",
        "person",
        LearningAccount,
        learning_account,
        filter=("account", "sector", "status"),
        sort=("opened",),
    ),
    ReadModel("learners", "sector", Learners, learners, anytime=accepted(learners), filter=("day",)),
)
