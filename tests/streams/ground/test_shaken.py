"""The search for shaken events finds what judging the whole log twice finds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from domain.catalogue import RULES
from events.catalogue import names
from events.event import Event
from events.rewriting import retracted
from streams.ground.judging_plan import JudgingPlan
from streams.ground.readers import Readers
from streams.ground.shaken import Worlds
from streams.ground.worlds import Identity, World, identity
from streams.history.histories import Histories
from tests.logs.histories import append
from tests.logs.judged_twice import judged_twice
from tests.logs.memory_log import MemoryLog
from tests.logs.publishing import CODEC
from tests.logs.town import beginning
from tests.logs.towns import town

FOLDS = tuple(dict.fromkeys(each.fold for rule in RULES for each in rule.readings))
READERS = Readers({cls: JudgingPlan(cls, RULES, (), FOLDS) for cls in names()})


def shaken(events: Sequence[Event], at: int, lost: dict[Identity, Event]) -> list[tuple[Identity, bool]]:
    """Return what the event at a position shakes."""
    log = MemoryLog()
    append(log, CODEC, events[:at])
    query, event = Histories(log, CODEC).query, events[at - 1]
    worlds = Worlds(READERS, World(query, hidden={identity(event)}), World(query))
    candidates = {each.position: each for each in (*worlds.candidates([event]), *lost.values())}
    return [(identity(each.event), each.refused is None) for each in worlds.shaken(candidates.values(), lost)]


@pytest.mark.parametrize("judged", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_shaken_is_what_judging_the_whole_log_twice_finds(seed: int, *, judged: bool) -> None:
    events, lost, told = town(seed, judged=judged), dict[Identity, Event](), 0
    for at in range(len(beginning()) + 1, len(events) + 1):
        lost.pop(retracted(events[at - 1]) or ("", ""), None)
        found = shaken(events, at, lost)
        assert found == judged_twice(events[: at - 1], events[:at], READERS.plans, lost), events[at - 1]
        told += len(found)
        for name, holds in found:
            if holds:
                del lost[name]
            else:
                lost[name] = next(each for each in events if identity(each) == name)
    assert told > 1
