"""Warm states equal folds from nothing, whatever was admitted, taken back, or appended by others."""

from __future__ import annotations

import random
from typing import Any

import pytest

from adapters.contracts.codec import AvroCodec
from domain.identity.persons import NUMBER
from domain.roll.pupils import PLACE
from domain.roll.schools import SCHOOL
from events.contract import tags
from events.entry import key
from events.event import Event
from events.identity.persons import PersonsMerged, PersonsSeparated
from events.rewriting import rewrites
from streams.ground.judging_plan import Folds
from streams.history.histories import Histories
from streams.publish.warm_folds import WarmFolds
from streams.scenario import WARM_BYTES
from tests.logs.histories import City, append, belated
from tests.logs.memory_log import MemoryLog

CODEC = AvroCodec()
FOLDS: tuple[Folds, ...] = ((NUMBER, PLACE), (SCHOOL,))
NEEDS: dict[str, Folds] = {f"person:p-{number}": FOLDS[0] for number in range(5)} | {
    f"school:s-{number}": FOLDS[1] for number in range(7)
}


def admit(warm: WarmFolds, event: Event) -> None:
    if rewrites(type(event)):
        warm.rewrite(event, tags(event))
    else:
        changes = {folds[0].tag: [each for each in folds if type(event) in each.events] for folds in FOLDS}
        warm.evolve(event, tags(event), changes)


def states(warm: WarmFolds) -> dict[str, dict[Any, Any]]:
    warm.begin(NEEDS)
    return {tag: warm.states(tag) for tag in NEEDS}


@pytest.mark.parametrize("late", [0.0, 0.4])
@pytest.mark.parametrize("seed", range(20))
def test_warm_states_equal_a_fold_from_nothing(seed: int, late: float) -> None:
    log, dice = MemoryLog(), random.Random(seed)
    city = City(seed, people=5, merges=0.3, retractions=0.15)
    warm = WarmFolds(Histories(log, CODEC), WARM_BYTES)
    for _ in range(60):
        batch = [belated(each, dice, late) for each in city.events(dice.randrange(1, 5))]
        needed = dict(dice.sample(sorted(NEEDS.items(), key=str), 4))
        warm.begin(needed)
        match dice.randrange(4):
            case 0:
                append(log, CODEC, batch)
                for change in log.changes(log.head() - len(batch)):
                    warm.outdated(change.tags, change.type)
            case 1:
                _admit_all(warm, batch, needed, dice)
                warm.forget(tag for each in batch for tag in tags(each))
            case _:
                _admit_all(warm, batch, needed, dice)
                append(log, CODEC, batch)
        if dice.random() < 0.5:
            assert states(warm) == states(WarmFolds(Histories(log, CODEC), WARM_BYTES))


def _admit_all(warm: WarmFolds, batch: list[Event], needed: dict[str, Folds], dice: random.Random) -> None:
    for each in batch:
        admit(warm, each)
        warm.states(dice.choice(sorted(needed)))


def test_what_a_batch_has_read_under_another_name_counts_until_the_batch_is_over() -> None:
    log = MemoryLog()
    append(log, CODEC, [PersonsMerged(merged="p-0", surviving="p-1", id="1", source="/test")])
    warm, (alias, name) = WarmFolds(Histories(log, CODEC), WARM_BYTES), ("person:p-0", "person:p-1")
    warm.begin({name: (PLACE,)})
    assert list(warm.tags_of(key(alias))) == [name]
    separated = PersonsSeparated(separated="p-0", surviving="p-1", merge="/test#1", id="2", source="/test")
    admit(warm, separated)
    warm.states(name)
    assert list(warm.tags_of(key(alias))) == [name]
    append(log, CODEC, [separated])
    warm.begin({name: (PLACE,)})
    assert list(warm.tags_of(key(alias))) == []
    assert list(warm.tags_of(key(name))) == [name]
