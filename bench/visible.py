"""The figure of freshness: from publishing to being visible in the read models, at 1,000 events per second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from queue import SimpleQueue

import msgspec

from adapters.upstream.city import city
from bench.board import Board
from bench.city import SEED, bodies
from bench.figure import LIMITS, Figure, percentile
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
    """Measure batches of 10 every 10 ms to a real `pujiang serve`; visible is what the projector has committed."""
    with place.database("bench_visible") as url, pujiang(place.settings(), url) as served:
        delays, asked = paced(served.at, url, Board)
    yield told("publish to visible in the read models at 1,000 events/s, p99", MOST, delays, asked)


def paced(at: str, url: str, board: type[Board]) -> tuple[list[float], list[float]]:
    """Publish at a steady pace; return the ms until each batch was visible, and until waiting clients saw it."""
    walking = city(PEOPLE, SEED)
    begun = list(bodies(islice(walking, BEGUN * 1000)))
    later = list(islice(bodies(walking, EVENTS), int(SECONDS / PERIOD)))
    client = Client(at)
    for each in begun:
        client.exchange(post(at, each))
    await_projected(url)
    watching, asking = board(url), Asking(at)
    sent = _pace(client, [post(at, each) for each in later], asking.queue)
    seen = watching.seen(sent[-1][1])
    asked = asking.finish()
    client.close()
    return [(watching.at(position, seen) - due) * 1000 for due, position in sent], asked


def told(
    name: str, most: int, delays: Sequence[float], asked: Sequence[float], limits: str = LIMITS
) -> Figure:
    late = sum(each > most for each in delays) / len(delays)
    return Figure(
        name=name,
        unit="ms",
        figure=percentile(delays, 99),
        target=f"<= {most}",
        note=f"p50 {percentile(delays, 50):.1f} ms, {late:.1%} over {most} ms, {len(delays)} batches of {EVENTS}, from the "
        "moment each was due; as a client with wait_for= sees it, p50 "
        f"{percentile(asked, 50):.1f} and p99 {percentile(asked, 99):.1f} ms",
        limits=limits,
    )


def _pace(
    client: Client, requests: Sequence[bytes], asking: SimpleQueue[tuple[float, int] | None]
) -> list[tuple[float, int]]:
    """Post each request when it is due; return that moment, and the position of its last event."""
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


class Asking:
    """Sometimes requests a row as of what was just published, as clients do that read their own writes."""

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
