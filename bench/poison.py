"""Figures of the inbox when one message in a hundred is not recorded, against an inbox without such messages."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from adapters.door.door import Door
from adapters.kafka.clients import producer
from adapters.kafka.inbox.decoder import CloudEventDecoder
from adapters.kafka.refused.topic import RefusedTopic
from adapters.kafka.settings import Kafka
from adapters.run.inbox import LINGER_MS
from adapters.run.site import Site, site_on
from adapters.upstream import lines
from adapters.upstream.city import city
from bench.city import PEOPLE, SEED
from bench.figure import Figure, in_turn, rate
from bench.place import Place
from streams.bus.message import Message
from streams.bus.topics import INBOX, REFUSED
from streams.inbox.inbox import BATCH, Inbox

ROUNDS, BEGUN = 80, 4
GOOD, BAD = BATCH - 10, 10
SECOND = 1_000_000
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
SOURCE, WHEN = "urn:bench:poison", "2024-09-01T08:00:00+08:00"

Make = Callable[[int], bytes]


def poison(place: Place) -> Iterator[Figure]:
    """Measure messages in memory; refused ones go to a real broker, and the inbox's clock advances 1 s a batch."""
    kafka = place.bus()
    for told, make in _KINDS.items():
        with (
            place.database("bench_poisoned") as url,
            place.database("bench_clean") as bare,
            site_on(place.settings(), url) as site,
            site_on(place.settings(), bare) as other,
        ):
            ours, theirs = _Taking(site, kafka, make), _Taking(other, kafka, None)
            poisoned, clean = in_turn(ROUNDS, ours, theirs)
            cpu = [each.cpu_seconds / ROUNDS / GOOD * 1e6 for each in (ours, theirs)]
            ours.close()
            theirs.close()
        yield Figure(
            name=f"the inbox's other messages, 1 % being {told}, against none",
            unit="messages/s",
            figure=poisoned,
            yardstick=clean,
            target=">= 0.9",
            note=f"batches of {BATCH}, in one process, which uses {cpu[0]:.0f} against {cpu[1]:.0f} µs of CPU a message",
        )


class _Taking:
    """Takes in batches of a city's events, with poison or without."""

    def __init__(self, site: Site, kafka: Kafka, make: Make | None) -> None:
        self._now = time.time_ns() // 1000
        self._topic = f"{kafka.topics}.{INBOX}"
        self._out: Any = producer(kafka, linger_ms=LINGER_MS, metrics_enabled=False)
        self._inbox = Inbox(
            self._topic,
            log=site.log,
            publisher=site.publisher(),
            decoder=CloudEventDecoder(Door(site.codec, site.sealer), site.codec),
            refused=RefusedTopic(self._out, f"{kafka.topics}.{REFUSED}", site.sealer),
            clock=lambda: self._now,
        )
        self._inbox.assign({0: (0, 0)})
        self._batches = iter(self._made(make))
        self.cpu_seconds = 0.0
        for _ in range(BEGUN):
            self()
        self.cpu_seconds = 0.0

    def __call__(self) -> float:
        batch, before = next(self._batches), time.process_time()
        self._now += SECOND
        found = rate(GOOD, lambda: self._inbox.take(batch))
        self.cpu_seconds += time.process_time() - before
        return found

    def close(self) -> None:
        self._out.close()

    def _made(self, make: Make | None) -> list[list[Message]]:
        chance, offset, made = random.Random(SEED), 0, list[list[Message]]()
        walking = lines(city(PEOPLE, SEED))
        for number in range(ROUNDS + BEGUN):
            values = list(islice(walking, GOOD))
            if make:
                for each in range(BAD):
                    values.insert(chance.randrange(GOOD), make(number * BAD + each))
            made.append(self._messages(values, offset))
            offset += len(values)
        return made

    def _messages(self, values: Sequence[bytes], first: int) -> list[Message]:
        return [
            Message(self._topic, 0, offset, None, value, STRUCTURED)
            for offset, value in enumerate(values, first)
        ]


def _unreadable(number: int) -> bytes:
    return b'{"specversion": "1.0", "id": "%d", "source": ' % number


def _refused(number: int) -> bytes:
    return _event(
        number, "roll.SchoolRegistered", school="s-1", name="n", district="310115", stages=["primary"]
    )


def _early(number: int) -> bytes:
    return _event(number, "roll.SchoolDetailsChanged", school=f"unheard-of-{number}", name="n")


def _event(number: int, kind: str, when: str = WHEN, **data: Any) -> bytes:
    event = {"specversion": "1.0", "id": str(number), "source": SOURCE, "type": kind, "time": when}
    return msgspec.json.encode({**event, "data": data})


_KINDS: Mapping[str, Make] = {
    "unreadable": _unreadable,
    "refused by a rule": _refused,
    "too early": _early,
}
