"""Learning accounts and learners by sector."""

from __future__ import annotations

from events.learning.accounts import LearnerSectorChanged, LearningAccountClosed, LearningAccountOpened
from projections.learning.learners import Learners, LearningAccount
from streams.scenario import given
from tests.contexts.learning import ACCOUNT, some


def test_learners_of_a_sector_are_the_sum_of_changes() -> None:
    moves = [*ACCOUNT, some(LearnerSectorChanged), some(LearningAccountClosed, sector="elderly")]
    assert given(*moves).rows("learners") == [
        Learners("elderly", "2025-03-01", moved=1, change=1),
        Learners("elderly", "2025-04-01", closed=1, change=-1),
        Learners("open", "2024-01-05", opened=1, change=1),
        Learners("open", "2025-03-01", moved=-1, change=-1),
    ]
    assert given(*moves, some(LearningAccountOpened, "2025-05-01", account="a-2")).rows(
        "learning-accounts"
    ) == [
        LearningAccount("p-1", "a-1", "elderly", "closed", "2024-01-05", "2025-04-01"),
        LearningAccount("p-1", "a-2", "open", "open", "2025-05-01"),
    ]
