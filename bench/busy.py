"""Figures at a busy tag: a million logins of one provider and a million enrolments in one course, and what is taken back of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import psycopg

from adapters.clock import now
from adapters.contracts.codec import AvroCodec
from adapters.postgres.log.log import PostgresLog
from bench.figure import Figure
from bench.place import Place
from bench.serving import await_projected, pujiang
from events.audit import EventRetracted
from events.catalogue import names
from events.contract import tags
from events.event import Event
from events.identity.accounts import LoginSucceeded
from events.learning.courses import CourseEnrolled
from events.order import MOST_BEHIND
from projections.catalogue import READ_MODELS
from streams.history.explain import explain

LOGINS, ENROLMENTS = 1_000_000, 300_000
PERSONS, DAYS = 200, 416
BATCH = 5000
SECONDS, PER_SECOND = 40, 300
"""How long events go on to arrive, and how many."""
RETRACTED = (5, 12, 19)
"""The seconds after which something is taken back: logins of one day, and an enrolment in the course."""
MOST_DELAY, MOST_WRONG, MOST_EXPLAIN = 5, 60, 100

_MARKS = "SELECT count(*) FROM read.refolding"
_REACHED = "SELECT min(position) FROM read.bookmarks"


class Busy:
    """A log whose clock can be set, so that old events were on time."""

    def __init__(self, url: str) -> None:
        self._time = now() - DAYS * 24 * 3_600_000_000
        self.log, self.codec = PostgresLog(url, clock=lambda: self._time), AvroCodec()
        self._random, self._number = Random(1), 0

    def grow(self) -> None:
        """Append the logins and enrolments of all days, each on time."""
        step = (now() - 3_600_000_000 - self._time) // ((LOGINS + ENROLMENTS) // BATCH)
        for start in range(0, LOGINS + ENROLMENTS, BATCH):
            self._time += step
            enrolled = start % (LOGINS + ENROLMENTS) < ENROLMENTS
            self.append([self._enrolment() if enrolled else self.login() for _ in range(BATCH)])
        self._time = now()

    def append(self, events: Sequence[Event]) -> int:
        self._time = max(self._time, now()) if self._time > now() - MOST_BEHIND else self._time
        return self.log.append([self.codec.propose(each) for each in events]).first + len(events) - 1

    def login(self) -> LoginSucceeded:
        person = self._random.randrange(PERSONS)
        return LoginSucceeded(
            person=f"p-{person}",
            account=f"a-{person}",
            provider="busy",
            application="app",
            assurance=1,
            **self._envelope(),
        )

    def _enrolment(self) -> CourseEnrolled:
        person = self._random.randrange(PERSONS)
        return CourseEnrolled(person=f"p-{person}", offering="busy", **self._envelope())

    def _envelope(self) -> dict[str, Any]:
        self._number += 1
        return {"id": str(self._number), "source": "urn:busy", "occurred_at": self._time}

    def take_back(self, position: int) -> Event:
        """Return the retraction of what is at a position."""
        (stored,) = self.log.read(position - 1, position)
        event = self.codec.decode(stored)
        return EventRetracted(
            event=f"{event.source}#{event.id}",
            event_type=names()[type(event)],
            carries=list(tags(event)),
            reason="entered-by-mistake",
            **self._envelope(),
        )


def busy(place: Place) -> Iterator[Figure]:
    """Measure a real `pujiang serve` whose log has such tags, while events arrive and some old ones are taken back."""
    with place.database("bench_busy") as url:
        found = Busy(url)
        found.grow()
        with pujiang(place.settings(), url):
            await_projected(url)
            delays, wrong = _measured(found, url)
        yield Figure(
            name=f"delay of all read models, max, with {len(RETRACTED)} retractions at tags of {LOGINS:,} and {ENROLMENTS:,}",
            unit="s",
            figure=max(delays),
            target=f"<= {MOST_DELAY}",
            note=f"p50 {sorted(delays)[len(delays) // 2]:.2f} s, at {PER_SECOND} events/s",
        )
        yield Figure(
            name="rows at these tags right again after a retraction, max",
            unit="s",
            figure=max(wrong),
            target=f"<= {MOST_WRONG}",
        )
        yield _explained(found)
        found.log.close()


def _measured(found: Busy, url: str) -> tuple[list[float], list[float]]:
    """Return the delay of each batch, and how long rows lacked each correction, in seconds."""
    sent: list[tuple[int, float]] = []
    asked: list[float] = []
    seen: list[tuple[float, int, int]] = []
    stop = threading.Event()
    watching = threading.Thread(target=_watch, args=(url, seen, stop))
    watching.start()
    began, due = time.perf_counter(), set(RETRACTED)
    while (passed := time.perf_counter() - began) < SECONDS:
        events: list[Event] = [found.login() for _ in range(PER_SECOND // 10)]
        if ready := {each for each in due if passed >= each}:
            due -= ready
            asked.append(time.perf_counter())
            events += [
                found.take_back(1000 + len(asked)),
                found.take_back(found.log.head() // 2 + len(asked)),
            ]
        sent.append((found.append(events), time.perf_counter()))
        time.sleep(0.1)
    deadline = time.perf_counter() + 3 * MOST_WRONG
    while time.perf_counter() < deadline and (not seen or seen[-1][2] or seen[-1][1] < sent[-1][0]):
        time.sleep(0.1)
    stop.set()
    watching.join()
    delays = [
        next((at for at, reached, _ in seen if reached >= position), deadline) - when
        for position, when in sent
    ]
    wrong = [_right_after(moment, seen, deadline) - moment for moment in asked]
    return delays, wrong


def _right_after(moment: float, seen: Sequence[tuple[float, int, int]], deadline: float) -> float:
    """Return when nothing was marked any more, once the projector had come by."""
    marked = False
    for at, _, marks in seen:
        if at > moment:
            marked = marked or marks > 0
            if marked and not marks:
                return at
    return deadline if marked else moment


def _watch(url: str, seen: list[tuple[float, int, int]], stop: threading.Event) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        while not stop.wait(0.05):
            (reached,) = connection.execute(_REACHED).fetchone() or (0,)
            (marks,) = connection.execute(_MARKS).fetchone() or (0,)
            seen.append((time.perf_counter(), reached, marks))


def _explained(found: Busy) -> Figure:
    """Measure the CPU time of explaining one day's row of the provider."""
    model = next(each for each in READ_MODELS if each.name == "logins-by-provider")
    event = found.codec.decode(found.log.read(900_000, 900_001)[0])
    began = time.process_time()
    explain(found.log, found.codec, model, ("busy", event.day))
    return Figure(
        name=f"CPU of `explain` of one day at a tag of {LOGINS:,}",
        unit="ms",
        figure=(time.process_time() - began) * 1000,
        target=f"<= {MOST_EXPLAIN}",
    )
