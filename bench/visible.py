"""The figure of freshness: from publishing to being visible in the read models, at 1,000 events a second."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from queue import SimpleQueue

import msgspec
import psycopg

from adapters.upstream.city import city
from bench.city import SEED, bodies
from bench.figure import Figure, percentile
from bench.place import Place
from bench.serving import await_projected, pujiang
from bench.wire import Client, get, post

PEOPLE, BEGUN = 5000, 20
EVENTS, PERIOD, SECONDS = 10, 0.01, 30
ASK_EVERY = 10
MOST = 50


class Verdict(msgspec.Struct):
    position: int = 0


class Answer(msgspec.Struct):
    verdicts: list[Verdict]


def visible(place: Place) -> Iterator[Figure]:
    """Batches of 10 every 10 ms to a real `pujiang serve`; visible is what the projector has committed."""
    walking = city(PEOPLE, SEED)
    begun = list(bodies(islice(walking, BEGUN * 1000)))
    paced = list(islice(bodies(walking, EVENTS), int(SECONDS / PERIOD)))
    with place.database("bench_visible") as url, pujiang(place.settings(), url) as served:
        client = Client(served.at)
        for each in begun:
            client.exchange(post(served.at, each))
        await_projected(url)
        board, asking = Board(url), Asking(served.at)
        sent = _pace(client, [post(served.at, each) for each in paced], asking.queue)
        seen = board.seen(sent[-1][1])
        asked = asking.finish()
        client.close()
    delays = [(board.at(position, seen) - due) * 1000 for due, position in sent]
    late = sum(each > MOST for each in delays) / len(delays)
    yield Figure(
        name="publish to visible in the read models at 1,000 events/s, p99",
        unit="ms",
        figure=percentile(delays, 99),
        target=f"<= {MOST}",
        note=f"p50 {percentile(delays, 50):.1f} ms, {late:.1%} over {MOST} ms, {len(delays)} batches of {EVENTS}, from the "
        "moment each was due; as a client with wait_for= sees it, p50 "
        f"{percentile(asked, 50):.1f} and p99 {percentile(asked, 99):.1f} ms",
    )


def _pace(
    client: Client, requests: Sequence[bytes], asking: SimpleQueue[tuple[float, int] | None]
) -> list[tuple[float, int]]:
    """Post each request when it is due; return when that was, and the position of its last event."""
    sent: list[tuple[float, int]] = []
    began = time.perf_counter() + 0.1
    for number, request in enumerate(requests):
        due = began + number * PERIOD
        time.sleep(max(0.0, due - time.perf_counter()))
        answer = msgspec.json.decode(client.exchange(request), type=Answer)
        position = max(each.position for each in answer.verdicts)
        if position == 0:
            continue
        sent.append((due, position))
        if number % ASK_EVERY == 0:
            asking.put((due, position))
    return sent


class Board:
    """Notes when the projector tells that it has committed up to a position."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("LISTEN pujiang_read")
        self._told: list[tuple[int, float]] = []
        self._last = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            for told in self._connection.notifies(timeout=0.2):
                self._told.append((int(told.payload), time.perf_counter()))
            if self._last and self._told and self._told[-1][0] >= self._last:
                return

    def seen(self, last: int) -> list[int]:
        """Wait until the last position is visible; return the positions told, in order."""
        self._last = last
        self._thread.join(60)
        assert not self._thread.is_alive(), "the projector has not come so far"
        self._connection.close()
        return [position for position, _ in self._told]

    def at(self, position: int, seen: Sequence[int]) -> float:
        """Return when a position became visible."""
        return self._told[bisect_left(seen, position)][1]


class Asking:
    """Asks now and then for a row as of what was just published, as clients do that want to read their own writes."""

    def __init__(self, at: str) -> None:
        self.queue: SimpleQueue[tuple[float, int] | None] = SimpleQueue()
        self._client, self._at, self._taken = Client(at), at, list[float]()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        while (found := self.queue.get()) is not None:
            due, position = found
            self._client.exchange(get(self._at, f"/schools/school-0000?wait_for={position}"))
            self._taken.append((time.perf_counter() - due) * 1000)

    def finish(self) -> list[float]:
        self.queue.put(None)
        self._thread.join()
        self._client.close()
        return self._taken
