"""Made-up proposals for figures without rules: entries of about 250 bytes and two tags, as in the sample city."""

from __future__ import annotations

import random
from collections.abc import Sequence
from uuid import uuid4

from adapters.clock import now
from adapters.postgres.log.log import PostgresLog
from events.entry import Proposal, key
from streams.ports import Condition

TYPES = [f"learning.Event{n}" for n in range(30)]
PEOPLE, SCHOOLS = 20_000, 40
LOADED = 100_000


def proposals(size: int, chance: random.Random, school: int | None = None) -> list[Proposal]:
    return [
        Proposal(
            "city.learning",
            str(uuid4()),
            chance.choice(TYPES),
            now(),
            (f"person:{chance.randrange(PEOPLE)}", f"school:{school or chance.randrange(SCHOOLS) + 1}"),
            chance.randbytes(180),
        )
        for _ in range(size)
    ]


def condition(batch: Sequence[Proposal], seen: int) -> Condition:
    """Return what deciding on a batch may read: for each event, its type under its person."""
    reads: dict[int, set[int]] = {}
    for each in batch:
        reads.setdefault(key(each.tags[0]), set()).add(key(each.type))
    return Condition(seen, reads)


def load(log: PostgresLog, chance: random.Random, school: int | None = None) -> None:
    for _ in range(LOADED // 1000):
        log.append(proposals(1000, chance, school))
