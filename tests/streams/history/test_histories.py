"""Histories under all names: the same whatever is known beforehand, which only saves queries."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

import pytest

from adapters.contracts.codec import AvroCodec
from domain.identity.persons import NUMBER
from domain.roll.pupils import PLACE
from events.event import Event
from events.identity.persons import PersonsMerged
from streams.history.histories import Histories, Wanted, joined, no_names
from streams.history.kept_query import KeptQuery
from tests.logs.histories import City, append
from tests.logs.memory_log import MemoryLog

CODEC = AvroCodec()


class Counted:
    """A query that counts how often it is asked, and for how many tags."""

    def __init__(self, log: MemoryLog) -> None:
        self._query = Histories(log, CODEC).query
        self.queries = self.tags = 0

    def __call__(self, wanted: Wanted) -> Mapping[str, Sequence[Event]]:
        self.queries += 1
        self.tags += len(wanted)
        return self._query(wanted)


def test_a_chain_is_read_in_one_query_by_who_knows_its_names() -> None:
    log, number = MemoryLog(), 100
    names = [f"person:p-{each}" for each in range(number + 1)]
    merges = [PersonsMerged(f"p-{each}", f"p-{each + 1}", id=str(each)) for each in range(number)]
    append(log, CODEC, merges)
    wanted = {names[-1]: (PersonsMerged,)}
    walking, knowing = Counted(log), Counted(log)
    walked, known = joined(walking, wanted), joined(knowing, wanted, lambda _: names)
    assert (walking.queries, knowing.queries) == (number + 1, 1)
    assert list(known[names[-1]].events) == list(walked[names[-1]].events)
    assert set(known[names[-1]].aliases) == set(walked[names[-1]].aliases) == set(names[:-1])


@pytest.mark.parametrize("seed", range(10))
def test_a_wrong_guess_changes_nothing_nor_does_what_was_kept(seed: int) -> None:
    log, dice = MemoryLog(), random.Random(seed)
    append(log, CODEC, City(seed, people=8, merges=0.3, retractions=0.1).events(150))
    tags = [f"person:p-{each}" for each in range(8)]
    counted = Counted(log)
    kept = KeptQuery(counted)

    def guess(_: str) -> Iterable[str]:
        return dice.sample(tags, 3)

    for _ in range(20):
        some = dice.sample(tags, 3)
        wanted = {each: dice.choice([NUMBER.events, PLACE.events]) for each in some}
        true = Histories(log, CODEC).read(wanted)
        for query in (counted, kept):
            for known in (guess, no_names):
                found = joined(query, wanted, known)
                for tag, types in wanted.items():
                    taken = [each for each in found[tag].events if type(each) in types]
                    assert taken == [each for each in true[tag] if type(each) in types]
    before = counted.tags
    joined(kept, dict.fromkeys(tags, NUMBER.events))
    assert counted.tags == before
