"""Figures at 5,000,000 events against 100,000: appending, and item queries."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from uuid import uuid4

import psycopg

from adapters.contracts.codec import AvroCodec
from adapters.postgres.log.log import PostgresLog
from adapters.run.parts import open_parts
from bench.apps import STUDENTS
from bench.figure import Figure, in_turn, seconds
from bench.items import Asking, persons
from bench.place import Place
from bench.serving import app
from events.entry import Proposal
from events.roll.pupils import StudentEnrolled
from streams.project.rebuild import Rebuild

LARGE, SMALL = 5_000_000, 100_000
BATCH = 5000
EVENTS_A_PUPIL = 12
"""As in the sample city."""
ROUNDS = 100


def five_million(place: Place) -> Iterator[Figure]:
    settings, note = place.settings(), place.declared()
    with ExitStack() as stack:
        urls = large(place), stack.enter_context(place.database("bench_small"))
        _load(urls[1], SMALL)
        asking = [Asking(stack.enter_context(app("rows", settings, url)).at, persons(url)) for url in urls]
        slow, fast = in_turn(25, *(partial(_each, each) for each in asking))
        yield Figure(
            name="item query over HTTP at 5,000,000 events, against 100,000",
            unit="ms",
            figure=slow,
            yardstick=fast,
            target="<= 1.2",
            note=note,
        )
        logs = [PostgresLog(url) for url in urls]
        for size in (1000, 100):
            chance = random.Random(size)
            slow, fast = in_turn(ROUNDS, *(partial(_append, log, size, chance) for log in logs))
            yield Figure(
                name=f"append, batches of {size}, at 5,000,000 events, against 100,000",
                unit="ms",
                figure=slow,
                yardstick=fast,
                target="<= 1.5",
                note=note,
            )
        for log in logs:
            log.close()


def large(place: Place) -> str:
    """Return the address of the large log, which is made once a run."""
    return place.kept("bench_large", lambda url: _load(url, LARGE))


def _each(asking: Asking) -> float:
    return 1000 / asking()


def _append(log: PostgresLog, size: int, chance: random.Random) -> float:
    batch = _events(size, chance, LARGE // EVENTS_A_PUPIL)
    return seconds(lambda: log.append(batch)) * 1000


def _load(url: str, count: int) -> None:
    """Append this many events, every twelfth of which enrols a pupil, and build the students."""
    log, codec, chance = PostgresLog(url), AvroCodec(), random.Random(0)
    pupils = count // EVENTS_A_PUPIL
    for first in range(0, count, BATCH):
        numbers = range(first // EVENTS_A_PUPIL, (first + BATCH) // EVENTS_A_PUPIL)
        enrolled = [codec.propose(_enrolled(number)) for number in numbers]
        log.append(enrolled + _events(BATCH - len(enrolled), chance, pupils))
    log.close()
    Rebuild(partial(open_parts, url)).run(STUDENTS)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _enrolled(number: int) -> StudentEnrolled:
    person, school = f"pupil-{number}", f"school-{number % 40}"
    return StudentEnrolled(
        person, school, "310115", "primary", 1, "1A", id=person, source="urn:pujiang:bench", occurred_at=1
    )


def _events(count: int, chance: random.Random, pupils: int) -> list[Proposal]:
    """Return daily events of pupils, in entries of about 250 bytes that nothing decodes."""
    data = chance.randbytes(150)
    return [
        Proposal(
            "urn:pujiang:bench:identity",
            str(uuid4()),
            "identity.LoginSucceeded",
            1,
            (f"person:pupil-{chance.randrange(pupils)}", f"account:{chance.randrange(pupils)}"),
            data,
        )
        for _ in range(count)
    ]
