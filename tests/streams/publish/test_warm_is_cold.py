"""Warm = cold: a publisher that keeps its states decides exactly as one that folds every history afresh."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from msgspec.structs import replace

from events.event import Event
from events.identity.persons import PersonsMerged, PersonsSeparated
from events.roll.pupils import StudentEnrolled
from streams.publish.publisher import Publisher
from streams.publish.request import Recorded, Request
from streams.scenario import WARM_BYTES, at
from tests.logs.histories import append
from tests.logs.memory_log import MemoryLog
from tests.logs.publishing import CODEC, outcomes, publisher, request
from tests.logs.town import Town, beginning

ONE_SLOT = 1_500
"""Bytes that hold the states of one tag, two at most."""


def made(event: Event, number: str) -> Event:
    return replace(event, id=number, source="/town", occurred_at=at("2024-09-01"))


class Cold:
    """A publisher over a log that starts every decision without any state."""

    def __init__(self, log: MemoryLog) -> None:
        self._publisher = publisher(log)

    def settle(self, asked: Request) -> list[object]:
        self._publisher.reset()
        self._publisher.settle([asked])
        return outcomes(asked)


class Checked:
    """The town's log, kept by warm publishers, beside a log of the same events that were settled one by one, cold."""

    def __init__(self, seed: int, bound: int = WARM_BYTES, publishers: int = 1, late: float = 0.3) -> None:
        self.town, self.log, singles = Town(seed, late=late), MemoryLog(), MemoryLog()
        for each in (self.log, singles):
            append(each, CODEC, beginning())
        self._singles, self._cold = Cold(singles), Cold(self.log)
        self.warm = [publisher(self.log, bound) for _ in range(publishers)]

    def batch(self) -> Request:
        return request(self.town.batch(), atomic=self.town.random.random() < 0.3)

    def check(self, settled: Request) -> None:
        """Assert that the same events, cold and one by one unless they are atomic, have the same verdicts."""
        if settled.atomic:
            again = request(settled.events, atomic=True, dry_run=settled.withdrawn)
            assert self._singles.settle(again) == outcomes(settled)
        for event, verdict, outcome in zip(settled.events, settled.verdicts, outcomes(settled), strict=True):
            assert settled.atomic or self._singles.settle(request([event])) == [outcome], event
            if isinstance(verdict, Recorded):
                self.town.recorded(event)

    def probe(self) -> None:
        """Assert that each warm publisher would decide as a cold one, and that asking leaves nothing."""
        probes, head = self.town.probes(), self.log.head()
        tried = [request([each], dry_run=True) for each in probes]
        expected = [self._cold.settle(each) for each in tried]
        for each in self.warm:
            each.settle(tried)
            for asked, cold in zip(tried, expected, strict=True):
                assert outcomes(asked) == cold, asked.events
        assert self.log.head() == head


def test_an_entry_of_the_merged_number_is_one_of_the_surviving_number_at_once_and_until_they_are_separated() -> (
    None
):
    log, merge = MemoryLog(), made(PersonsMerged(merged="p-0", surviving="p-1"), "m")
    append(log, CODEC, beginning())
    warm = publisher(log)
    pupil = StudentEnrolled(person="p-0", school="s-a", district="d", stage="primary", grade=1)
    events = [made(pupil, "1"), merge, made(replace(pupil, person="p-1"), "2")]
    events += [made(PersonsSeparated(separated="p-0", surviving="p-1", merge="/town#m"), "s")]
    events += [made(replace(pupil, person="p-1"), "3"), made(replace(pupil, person="p-0"), "4")]
    asked, taken = request(events), ("already-on-a-roll", "roll.one_live_entry")
    warm.settle([asked])
    assert [outcomes(asked)[2], outcomes(asked)[5]] == [taken, taken]
    assert [isinstance(each, Recorded) for each in asked.verdicts] == [True, True, False, True, True, False]


@pytest.mark.parametrize("bound, late", [(WARM_BYTES, 0.0), (WARM_BYTES, 0.3), (ONE_SLOT, 0.3)])
@pytest.mark.parametrize("seed", range(12))
def test_a_warm_publisher_decides_as_a_cold_one(seed: int, bound: int, late: float) -> None:
    checked = Checked(seed, bound, late=late)
    for _ in range(14):
        settled = checked.batch()
        checked.warm[0].settle([settled])
        checked.check(settled)
        checked.probe()


@pytest.mark.parametrize("seed", range(12))
def test_so_do_two_publishers_that_race_over_one_log(seed: int) -> None:
    checked = Checked(seed, publishers=2)
    for number in range(14):
        one, other = checked.warm[number % 2], checked.warm[1 - number % 2]
        first, second = checked.batch(), checked.batch()
        before = _race(one, first, partial(other.settle, [second]))
        for settled in (second, first) if before else (first, second):
            checked.check(settled)
        checked.probe()


def _race(one: Publisher, asked: Request, other: Callable[[], None]) -> bool:
    """Settle a request while another publisher appends just before it; report whether that came first."""
    first: list[bool] = []

    def ready() -> None:
        if not first:
            first.append(None in asked.verdicts)
            other()

    one.settle([asked], ready=ready)
    return first[0]
