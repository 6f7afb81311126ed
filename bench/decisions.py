"""Figures of deciding about a school with a history of 100,000 events, against a new school."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from statistics import median

from adapters.clock import now
from adapters.door.door import Door
from adapters.postgres.log.log import PostgresLog
from adapters.run.site import Site, site_on
from adapters.upstream.city import city
from adapters.upstream.city.clockwork import CityPlan
from adapters.upstream.city.schools import STAGES, School, schools
from bench.city import bodies
from bench.figure import Figure, in_turn, seconds
from bench.made_up import LOADED, TYPES, load
from bench.place import Place
from events.entry import Proposal, key
from events.identity.persons import PersonRegistered
from events.roll.pupils import StudentEnrolled
from streams.ports import History
from streams.publish.publisher import Publisher
from streams.publish.request import Admissible, Recorded, Request

PEOPLE = 400
ROUNDS, TIMES = 15, 30
SOURCE = "urn:pujiang:bench"


def decisions(place: Place) -> Iterator[Figure]:
    """Measure an enrolment, judged with cold folds and no append, and published with the school's fold warm."""
    old, *_, new = schools(CityPlan(PEOPLE, 1))
    with place.database("bench_decisions") as url, site_on(place.settings(), url) as site:
        door, publisher = Door(site.codec, site.sealer), site.publisher()
        for body in bodies(islice(city(PEOPLE, 1), PEOPLE * 3)):
            publisher.settle([door.batch(body)])
        pupils = Pupils(site)
        for _ in range(LOADED // 1000):
            site.log.append(pupils.history(old, 1000))
        site.log.append(pupils.registered(ROUNDS * TIMES * 4))
        publisher.reset()
        for told, decide in (("cold, nothing written", _cold), ("warm, append included", _warm)):
            sides = [partial(_decided, decide, publisher, pupils, each) for each in (old, new)]
            ours, theirs = in_turn(ROUNDS, *sides)
            yield Figure(
                name=f"a decision on a school with 100,000 events of history, {told}, against a new school",
                unit="ms",
                figure=ours,
                yardstick=theirs,
                target="<= 1.2",
            )


class Pupils:
    """Enrolments, each of a different pupil."""

    def __init__(self, site: Site) -> None:
        self._codec, self._number = site.codec, 0

    def enrolled(self, school: School) -> StudentEnrolled:
        self._number += 1
        number, grade = (
            str(self._number),
            next(each.first_grade for each in STAGES if each.stage == school.stage),
        )
        envelope = {"id": number, "source": SOURCE, "occurred_at": now()}
        return StudentEnrolled(
            f"pupil-{number}",
            school.number,
            school.district,
            school.stage,
            grade,
            **envelope,  # type: ignore[arg-type]
        )

    def history(self, school: School, count: int) -> list[Proposal]:
        return [self._codec.propose(self.enrolled(school)) for _ in range(count)]

    def registered(self, count: int) -> list[Proposal]:
        """Register the pupils who are enrolled next."""
        return [
            self._codec.propose(
                PersonRegistered(
                    f"pupil-{number}",
                    b"",
                    b"",
                    2015,
                    f"SAMPLE{number}",
                    id=f"registered-{number}",
                    source=SOURCE,
                )
            )
            for number in range(self._number + 1, self._number + 1 + count)
        ]

    def request(self, school: School) -> Request:
        event = self.enrolled(school)
        return Request([event], [self._codec.propose(event)])


def _decided(
    decide: Callable[[Publisher, Request], float], publisher: Publisher, pupils: Pupils, school: School
) -> float:
    return median(decide(publisher, pupils.request(school)) for _ in range(TIMES)) * 1000


def _cold(publisher: Publisher, request: Request) -> float:
    publisher.reset()
    request.dry_run = True
    taken = seconds(lambda: publisher.settle([request]))
    assert isinstance(request.verdicts[0], Admissible), request.verdicts
    return taken


def _warm(publisher: Publisher, request: Request) -> float:
    taken = seconds(lambda: publisher.settle([request]))
    assert isinstance(request.verdicts[0], Recorded), request.verdicts
    return taken


def histories(place: Place) -> Iterator[Figure]:
    """Measure the query that a decision begins with: two rare types of that school, and 1,000 tags absent from the log."""
    with place.database("bench_histories") as url:
        log = PostgresLog(url)
        load(log, random.Random(1), school=1)
        rarities = [Proposal("s", str(n), f"rare{n % 2}", 0, ("school:1",), b"") for n in range(6)]
        log.append(rarities)
        rare = [History(key("school:1"), (key("rare0"), key("rare1")))]
        of_new = [History(key("school:2"), (key("rare0"), key("rare1")))]
        types = tuple(map(key, TYPES))
        absent = [History(key(f"absent:{n}"), types) for n in range(1000)]
        assert len(log.histories(rare)) == len(rarities)
        old, new, none = in_turn(200, *(partial(_read, log, wanted) for wanted in (rare, of_new, absent)))
        log.close()
    yield Figure(
        name="histories: two rare types of a school with 100,000 events, against a new school",
        unit="ms",
        figure=old,
        yardstick=new,
        target="<= 1.2",
    )
    yield Figure(
        name="histories: 1,000 absent tags of 30 types, against one", unit="ms", figure=none, yardstick=new
    )


def _read(log: PostgresLog, wanted: list[History]) -> float:
    return seconds(lambda: log.histories(wanted)) * 1000
