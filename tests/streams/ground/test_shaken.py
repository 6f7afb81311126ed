"""The search for shaken events finds what judging the whole log twice finds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from domain.catalogue import RULES
from events.alias import alias_of
from events.catalogue import names
from events.event import Event
from events.rewriting import retracted
from streams.ground.judging_plan import JudgingPlan
from streams.ground.readers import Readers
from streams.ground.shaken import Worlds
from streams.ground.worlds import Identity, World, identity
from streams.history.histories import Histories
from streams.publish.request import Recorded
from tests.logs.histories import append
from tests.logs.judged_twice import judged_twice
from tests.logs.memory_log import MemoryLog
from tests.logs.publishing import CODEC, publisher, request
from tests.logs.town import Town, beginning

FOLDS = tuple(dict.fromkeys(each.fold for rule in RULES for each in rule.readings))
READERS = Readers({cls: JudgingPlan(cls, RULES, (), FOLDS) for cls in names()})


def town(seed: int, *, judged: bool) -> list[Event]:
    """Return the log of a town in which everybody is late, merged, separated and corrected.

    If it is not `judged`, only merges and separations are: names are always sound.
    """
    log, made = MemoryLog(), Town(seed, late=0.3)
    append(log, CODEC, beginning())
    one = publisher(log)
    for _ in range(60 if judged else 30):
        asked = request(made.batch())
        if not judged:
            append(log, CODEC, [each for each in asked.events if not alias_of(type(each))])
            one.reset()
            asked = request([each for each in asked.events if alias_of(type(each))])
        one.settle([asked])
        for event, verdict in zip(asked.events, asked.verdicts, strict=True):
            if isinstance(verdict, Recorded):
                made.recorded(event)
    return [CODEC.decode(each) for each in log.read(limit=10_000)]


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
