"""An event with two tags of one kind, on one partition and on two, has its effect once for each; idle partitions move."""

from __future__ import annotations

from collections import Counter
from itertools import count, pairwise
from pathlib import Path

from adapters.kafka.settings import Kafka
from events.roll.pupils import StudentEnrolled
from events.roll.transfers import StudentTransferred
from streams.bus.topics import kinds, partition_of
from tests.logs.histories import HOUR, START, append, rows
from tests.processes.fleet import fleet, stop

DISTRICT, GRADE, PUPILS = "310101", 3, 40


def school(partition: int, other_than: str = "") -> str:
    """Return a school of a partition."""
    names = (f"s-{number}" for number in count())
    return next(
        each for each in names if partition_of(each, kinds()["school"]) == partition and each != other_than
    )


FIRST = school(1)
BESIDE, ELSEWHERE = school(1, other_than=FIRST), school(4)
WAY = (FIRST, BESIDE, ELSEWHERE, FIRST)
"""A transfer within a partition, then two from one to another; of six partitions four stay idle."""


def pupil(number: int) -> list[StudentEnrolled | StudentTransferred]:
    """Return a pupil's way: one in two goes all of it, the others stay at the second school."""
    person, at = f"p-{number}", START + number * HOUR
    transfers = [*pairwise(WAY)][: 3 if number % 2 else 1]
    return [
        StudentEnrolled(
            person=person, school=FIRST, district=DISTRICT, stage="primary", grade=GRADE, class_name="一班",
            id=f"{number}", source="/test", occurred_at=at,
        ),
        *(
            StudentTransferred(
                person=person, from_school=one, to_school=other, from_district=DISTRICT, to_district=DISTRICT,
                stage="primary", grade=GRADE, id=f"{number}-{step}", source="/test", occurred_at=at + step,
            )
            for step, (one, other) in enumerate(transfers, 1)
        ),
    ]  # fmt: skip


def test_two_tags_of_one_kind_and_idle_partitions(database_url: str, bus: Kafka, tmp_path: Path) -> None:
    with fleet(database_url, bus, tmp_path) as on:
        on.relay()
        workers = [on.start(), on.start()]
        with on.open() as parts:
            for number in range(PUPILS):
                append(parts.log, parts.codec, pupil(number))
        on.settle()  # all partitions of all models reach the head, and equal a fresh fold
        with on.open() as parts:
            assert parts.store.live()["head-counts"].partitions == kinds()["school"]
            counts: Counter[str] = Counter()
            for (name, *_), line in rows(parts, "head-counts").items():
                counts[str(name)] += line.row.change
        assert counts == {FIRST: PUPILS // 2, BESIDE: PUPILS // 2, ELSEWHERE: 0}
        assert [stop(each) for each in workers] == [0, 0]
