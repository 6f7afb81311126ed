"""Figures of publishing, with rules and sealing, against the bare append of the same events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median

from adapters.door.door import Door
from adapters.postgres.log.log import PostgresLog
from adapters.run.site import site_on
from adapters.upstream.city import city
from bench.city import BATCH, PEOPLE, SEED, bodies, lanes
from bench.figure import Figure, in_turn, rate, seconds
from bench.place import Place
from bench.serving import Served, await_projected, memory, pujiang
from bench.wire import Client, exchange_all, post
from streams.publish.publisher import Publisher
from streams.publish.request import Recorded

CONNECTIONS, EACH = 4, 2
"""Concurrent publishers, and the batches that each sends in a round."""


def in_process(place: Place) -> Iterator[Figure]:
    """Measure door, sealing and rules in the measuring process, batch by batch."""
    sent = list(bodies(city(PEOPLE, SEED)))
    with (
        place.database("bench_publish") as url,
        place.database("bench_bare") as bare,
        site_on(place.settings(), url) as site,
        site_on(place.settings(), bare) as other,
    ):
        used: list[float] = []
        publish = partial(_publish, Door(site.codec, site.sealer), site.publisher(), iter(sent), used)
        append = _Appending(other.log, Door(other.codec, other.sealer), [[each] for each in sent])
        ours, theirs = in_turn(len(sent) - 1, publish, append)
    yield Figure(
        name="publish in process, batches of 1000, against own append of the same events",
        unit="events/s",
        figure=ours,
        yardstick=theirs,
        note=f"{median(used) / BATCH * 1e6:.0f} µs of CPU an event in the publishing process",
    )


def _publish(door: Door, publisher: Publisher, sent: Iterator[bytes], used: list[float]) -> float:
    body, before = next(sent), time.process_time()

    def publish() -> None:
        request = door.batch(body)
        publisher.settle([request])
        assert all(isinstance(each, Recorded) for each in request.verdicts)

    found = rate(BATCH, publish)
    used.append(time.process_time() - before)
    return found


class _Appending:
    """The yardstick: appends the same events in rounds of batches, prepared before the clock starts."""

    def __init__(self, log: PostgresLog, door: Door, rounds: Sequence[Sequence[bytes]]) -> None:
        self._log, self._door, self._rounds = log, door, iter(rounds)

    def __call__(self) -> float:
        batches = [self._door.batch(each).proposals for each in next(self._rounds)]

        def append() -> None:
            for each in batches:
                self._log.append(each)

        return rate(sum(map(len, batches)), append)


def over_http(place: Place) -> Iterator[Figure]:
    """Measure four concurrent publishers to a real `pujiang serve`, with its projector running, then paused."""
    begun, apart = lanes(PEOPLE, CONNECTIONS)
    rounds = [
        [lane[at + each] for each in range(EACH) for lane in apart]
        for at in range(0, min(map(len, apart)) - EACH, EACH)
    ]
    settings = place.settings()
    with (
        place.database("bench_http") as url,
        place.database("bench_http_bare") as bare,
        pujiang(settings, url) as served,
        site_on(place.settings(), bare) as other,
    ):
        posting = _Posting(served, url)
        posting(begun, connections=1)
        append = _Appending(other.log, Door(other.codec, other.sealer), rounds)
        half = len(rounds) // 2
        yield _over_http("", posting, append, rounds[:half])
        with served.children_paused():
            yield _over_http(", projector paused", posting, append, rounds[half:])
        yield memory(served, f"after publishing {posting.sent:,} events over HTTP")
        posting.close()


def _over_http(
    told: str, posting: _Posting, append: Callable[[], float], rounds: Sequence[Sequence[bytes]]
) -> Figure:
    walking = iter(rounds)
    posting.cpu_seconds = posting.count = 0
    ours, theirs = in_turn(len(rounds), lambda: posting(next(walking)), append)
    return Figure(
        name=f"publish over HTTP, batches of 1000{told}, against own append of the same events",
        unit="events/s",
        figure=ours,
        yardstick=theirs,
        target=">= 0.5",
        note=f"{CONNECTIONS} connections; the serving process uses "
        f"{posting.cpu_seconds / posting.count * 1e6:.0f} µs of CPU an event",
    )


class _Posting:
    """Posts batches over a few connections, then waits, off the clock, until they are projected."""

    def __init__(self, served: Served, url: str) -> None:
        self._served, self._url = served, url
        self._clients = [Client(served.at) for _ in range(CONNECTIONS)]
        self.cpu_seconds, self.count, self.sent = 0.0, 0, 0

    def __call__(self, sent: Sequence[bytes], connections: int = CONNECTIONS) -> float:
        requests = [post(self._served.at, each) for each in sent]
        answers: list[bytes] = []
        before = self._served.cpu_seconds()
        taken = seconds(lambda: answers.extend(exchange_all(self._clients[:connections], requests)))
        self.cpu_seconds += self._served.cpu_seconds() - before
        recorded = sum(each.count(b'"recorded"') for each in answers)
        assert recorded == sum(each.count(b'"verdict"') for each in answers), "the lanes depend on each other"
        self.count += recorded
        self.sent += recorded
        if not self._served.paused:
            await_projected(self._url)
        return recorded / taken

    def close(self) -> None:
        for each in self._clients:
            each.close()
