"""Figures of single events: 64 clients with one event at a time, in groups, against the library's 8 writers."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice

from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent

from adapters.door.door import Door
from adapters.postgres.log.log import PostgresLog
from adapters.run.site import site_on
from adapters.upstream import lines
from adapters.upstream.city import city
from bench import library
from bench.city import PEOPLE, SEED
from bench.figure import Figure, in_turn, rate
from bench.made_up import LOADED, condition, load, proposals
from bench.place import Place
from streams.publish.committer import Committer, GroupPublisher
from streams.publish.request import Recorded, Request

CLIENTS, WRITERS = 64, 8
ROUNDS, OURS, THEIRS = 7, 4000, 800


class Appends:
    """Settles a group by one append without rules, on condition that its types under its persons are unchanged."""

    def __init__(self, log: PostgresLog) -> None:
        self._log, self._seen = log, log.head()

    def settle(self, group: Sequence[Request]) -> None:
        batch = [proposal for request in group for proposal in request.proposals]
        first = self._log.append(batch, condition(batch, self._seen)).first
        self._seen = first + len(batch) - 1
        for position, request in enumerate(group, first):
            request.verdicts = [Recorded(position)]

    def reset(self) -> None:
        self._seen = self._log.head()


def against_library(place: Place) -> Iterator[Figure]:
    with place.database("bench_singles_library") as url:
        theirs = Library(url)
        yield from (through_log(place, theirs), through_rules(place, theirs))
        theirs.close()


def through_log(place: Place, theirs: Callable[[], float]) -> Figure:
    chance = random.Random(1)
    with place.database("bench_singles") as url:
        log = PostgresLog(url)
        load(log, chance)
        clients = Clients(Appends(log), lambda: [Request([], [each]) for each in proposals(OURS, chance)])
        found = in_turn(ROUNDS, clients, theirs)
        clients.close()
        log.close()
    return _figure("through the log alone", found, clients.note)


def through_rules(place: Place, theirs: Callable[[], float]) -> Figure:
    with place.database("bench_singles") as url, site_on(place.settings(), url) as site:
        door, walking = Door(site.codec, site.sealer), lines(city(PEOPLE, SEED))
        publisher = site.publisher()
        publisher.settle([door.single(each) for each in islice(walking, 200)])
        clients = Clients(publisher, lambda: [door.single(each) for each in islice(walking, OURS)])
        found = in_turn(ROUNDS, clients, theirs)
        clients.close()
    return _figure("through the whole rule set", found, clients.note)


def _figure(told: str, found: Sequence[float], note: str) -> Figure:
    ours, theirs = found
    name = f"64 clients, single conditional publishes {told}, against the DCB recorder with 8 writers"
    return Figure(name=name, unit="events/s", figure=ours, yardstick=theirs, target=">= 12", note=note)


class Clients:
    """64 clients in one thread: it keeps 64 requests in flight, and always waits for the oldest."""

    def __init__(self, publisher: GroupPublisher, make: Callable[[], list[Request]]) -> None:
        self._counted = _Counted(publisher)
        self._committer, self._make = Committer(self._counted), make
        self._committer.start()

    def __call__(self) -> float:
        requests = self._make()
        found = rate(len(requests), partial(self._send, requests))
        assert all(isinstance(each.verdicts[0], Recorded) for each in requests)
        return found

    def _send(self, requests: Sequence[Request]) -> None:
        under_way: deque[Future[Request]] = deque()
        for each in requests:
            if len(under_way) == CLIENTS:
                under_way.popleft().result()
            under_way.append(self._committer.submit(each))
        for waited in under_way:
            waited.result()

    @property
    def note(self) -> str:
        return f"{self._counted.events / self._counted.groups:.0f} events a group"

    def close(self) -> None:
        self._committer.stop()


class _Counted:
    """Counts groups."""

    def __init__(self, publisher: GroupPublisher) -> None:
        self._publisher, self.groups, self.events = publisher, 0, 0

    def settle(self, group: Sequence[Request]) -> None:
        self.groups, self.events = self.groups + 1, self.events + len(group)
        self._publisher.settle(group)

    def reset(self) -> None:
        self._publisher.reset()


class Library:
    """The library's conditional recorder with 100,000 events, and 8 threads that append one event at a time."""

    def __init__(self, url: str) -> None:
        self._recorder, self._chance = library.recorder(url, WRITERS), random.Random(2)
        self._writers, self._last = ThreadPoolExecutor(WRITERS), 0
        for _ in range(LOADED // 1000):
            batch = proposals(1000, self._chance)
            self._last = self._recorder.append([library.dcb_event(each) for each in batch])

    def __call__(self) -> float:
        batch = proposals(THEIRS, self._chance)
        # Each tag once, as two events of one person would be in each other's way.
        ready = [
            (library.dcb_event(each), library.dcb_condition([each], self._last))
            for each in {each.tags[0]: each for each in batch}.values()
        ]
        found = rate(len(ready), lambda: list(self._writers.map(lambda one: self._append(*one), ready)))
        self._last += len(ready)
        return found

    def _append(self, event: DCBEvent, condition_: DCBAppendCondition) -> None:
        self._recorder.append([event], condition_)

    def close(self) -> None:
        self._writers.shutdown()
        self._recorder.datastore.close()
