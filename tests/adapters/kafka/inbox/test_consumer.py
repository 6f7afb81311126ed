"""The inbox on a real Kafka: what is sent has one end each, in the log or refused, whoever is killed when."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from kafka import TopicPartition

from adapters.clock import now
from adapters.kafka.broker import Broker
from adapters.kafka.clients import admin, consumer, producer
from adapters.kafka.refused.feed import feed
from adapters.kafka.refused.retry import publish_again
from adapters.kafka.settings import Kafka
from adapters.kafka.topics import carry_out, compare
from adapters.postgres.refused import RefusedQuery, RefusedTable
from adapters.run.inbox import run_inbox
from adapters.run.settings import read_settings
from adapters.run.site import Site, site_on
from adapters.wire.refused import RefusedRow, originals
from events.entry import parse
from streams.bus.topics import INBOX, REFUSED, topics
from tests.adapters.kafka.forms import binary, framed, structured
from tests.bus.inbox import details, person, school
from tests.logs.cloudevents import event
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[4]
PARTITIONS = 3
"""Of six, those that messages are sent to."""

CHILD = """
import faulthandler, os, signal, sys, threading
from adapters.kafka.refused.topic import RefusedTopic
from adapters.postgres.log.log import PostgresLog
from adapters.run import inbox as driver
from adapters.run.settings import read_settings
from adapters.run.site import site_on

faulthandler.dump_traceback_later(80, exit=True)  # never left behind, and tells where it was

# A group of its own: it need not wait until the broker misses the one that was killed.
real = driver.consumer
driver.consumer = lambda kafka, **more: real(kafka, **{**more, "group_id": str(os.getpid()), "max_poll_records": 7})
point, count = sys.argv[1], int(sys.argv[2])

def killing(cls, name):
    real = getattr(cls, name)
    def method(self, *args, **more):
        global count
        count -= 1
        if point == f"before-{name}" and count < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(self, *args, **more)
        if point == f"after-{name}" and count < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    if name in point:
        setattr(cls, name, method)

killing(RefusedTopic, "send")
killing(RefusedTopic, "settle")
killing(PostgresLog, "append")
settings = read_settings()
with site_on(settings, settings.database_url) as site:
    driver.run_inbox(site, threading.Event())
"""

Sent = tuple[int, bytes | None, Sequence[tuple[str, bytes | None]]]


@pytest.fixture
def environment(database_url: str, bus: Kafka, tmp_path: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "PUJIANG_HOME": str(tmp_path),
        "PUJIANG_INBOX_PATIENCE": "2",
        "PUJIANG_KAFKA": bus.servers[0],
        "PUJIANG_TOPICS": bus.topics,
    }


@pytest.fixture
def site(environment: dict[str, str], bus: Kafka) -> Iterator[Site]:
    names = {f"{bus.topics}.{INBOX}", f"{bus.topics}.{REFUSED}"}
    with admin(bus) as client:
        carry_out(client, compare(client, [each for each in topics(bus.topics) if each.name in names]))
    settings = read_settings(environment)
    with site_on(settings, environment["DATABASE_URL"]) as found:
        yield found


def send(bus: Kafka, sent: Sequence[Sent]) -> None:
    out = producer(bus)
    for partition, value, headers in sent:
        out.send(f"{bus.topics}.{INBOX}", value, partition=partition, key=b"key", headers=list(headers))
    out.flush()
    out.close()


def start(environment: Mapping[str, str], point: str, count: int) -> subprocess.Popen[bytes]:
    """Start an inbox that kills itself at a point, when it has passed it so often."""
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, point, str(count)],
        cwd=ROOT,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def running(site: Site, number: int = 1) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=run_inbox, args=(site, stop)) for _ in range(number)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join(PATIENCE)


def await_(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.05)


def settled(site: Site, sent: Sequence[Sent]) -> Callable[[], bool]:
    """Return what tells whether all that was sent is settled."""
    topic = f"{site.settings.kafka.topics}.{INBOX}"
    ends = {f"{topic}/{each}": sum(partition == each for partition, *_ in sent) for each in range(PARTITIONS)}

    def all_settled() -> bool:
        marks = site.log.marks(list(ends))
        return all(
            end == 0 or (name in marks and marks[name].position == end and not marks[name].waiting)
            for name, end in ends.items()
        )

    return all_settled


def recorded(site: Site) -> list[str]:
    return [parse(each.entry).id for each in site.log.read(0, limit=100_000)]


def refused(site: Site, **wanted: Any) -> list[RefusedRow]:
    bus = site.settings.kafka
    with RefusedTable(site.url) as table, feed(bus, table, now) as rows:
        rows.catch_up()
        rows.catch_up()
        return table.rows(f"{bus.topics}.{INBOX}", RefusedQuery(**{"limit": 100_000, **wanted}))


def raw_refused(bus: Kafka) -> list[Any]:
    reader = consumer(bus)
    place = TopicPartition(f"{bus.topics}.{REFUSED}", 0)
    reader.assign([place])
    found: list[Any] = []
    while reader.position(place) < reader.end_offsets([place])[place]:
        found += reader.poll(timeout_ms=500).get(place, [])
    reader.close()
    return found


def mixture(seed: int, size: int = 120) -> tuple[list[Sent], set[str], dict[str, str]]:
    """Return messages in all forms, the ids that are to be recorded, and the codes of those refused by id."""
    chance, sent, good, bad = Random(seed), list[Sent](), set[str](), dict[str, str]()
    for number in range(size):
        form = chance.choice([structured, binary, framed])
        partition, kind = chance.randrange(PARTITIONS), chance.random()
        if kind < 0.05:
            sent.append(
                (partition, b"{" * chance.randrange(5), (("content-type", b"application/cloudevents+json"),))
            )
        elif kind < 0.1:
            made = event(f"bad-{number}", "roll.SchoolClosed", school=f"nowhere-{number}", reason="没有")
            sent.append((partition, *form(made)))
            bad[made["id"]] = "unknown-school"
        elif kind < 0.15:
            made = {**person(f"q-{number}", "李四"), "id": f"bad-{number}", "time": "2099-01-01T00:00:00Z"}
            sent.append((partition, *form(made)))
            bad[made["id"]] = "in-the-future"
        else:
            made = person(f"p-{number}", "王小明") if kind < 0.5 else school(f"s-{number}")
            sent += [(partition, *form(made))] * chance.choice([1, 1, 1, 2])
            good.add(made["id"])
    return sent, good, bad


def check(site: Site, sent: Sequence[Sent], good: set[str], bad: Mapping[str, str]) -> None:
    assert sorted(recorded(site)) == sorted(good)
    rows = refused(site)
    assert {row.id: row.code for row in rows if row.id} == bad
    assert sum(row.code == "malformed" for row in rows) == sum(
        not (value or b"")[1:2].isalnum()
        for _, value, _ in sent
        if (value or b"")[:1] in (b"", b"{") and len(value or b"") < 5
    )
    for row, original in zip(rows, originals(site.sealer.open_batch, rows), strict=True):
        assert original is not None
        assert any(original.value == value and row.partition == partition for partition, value, _ in sent)


def test_messages_in_all_forms_are_recorded_or_refused_and_nothing_personal_stands_clear(
    site: Site, bus: Kafka
) -> None:
    sent, good, bad = mixture(1)
    send(bus, sent)
    with running(site):
        await_(settled(site, sent), "all is settled")
    check(site, sent, good, bad)
    records = raw_refused(bus)
    assert len(records) == len(refused(site))
    for record in records:
        clear = bytes(record.key) + (record.value or b"") + b"".join(value for _, value in record.headers)
        assert "李四".encode() not in clear
        assert "没有".encode() not in clear
        told = {name: value.decode() for name, value in record.headers}
        assert record.key.decode() == f"{told['topic']}/{told['partition']}/{told['offset']}"


def test_what_is_delivered_again_has_no_effect(site: Site, bus: Kafka, database_url: str) -> None:
    sent, good, bad = mixture(2, 40)
    send(bus, sent)
    with running(site):
        await_(settled(site, sent), "all is settled")
    before = len(raw_refused(bus))
    with running(site, number=2):
        late = [(0, *structured(school("late")))]
        send(bus, late)
        await_(settled(site, [*sent, *late]), "what is new is settled")
    check(site, [*sent, *late], good | {"school-late"}, bad)
    assert len(raw_refused(bus)) == before
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA bus CASCADE")
    check(site, [*sent, *late], good | {"school-late"}, bad)


@pytest.mark.parametrize("seed", [0])
def test_killed_at_named_points_it_neither_loses_nor_doubles(
    site: Site, bus: Kafka, environment: dict[str, str], seed: int
) -> None:
    sent, good, bad = mixture(10 + seed, 150)
    send(bus, sent)
    chance = Random(seed)
    for point in ("after-settle", "before-append", "after-append", "before-settle", "after-send"):
        assert start(environment, point, chance.randrange(3)).wait(PATIENCE) == -signal.SIGKILL
    with running(site):
        await_(settled(site, sent), "all is settled")
    check(site, sent, good, bad)


def test_a_broker_that_was_killed_is_waited_for(
    site: Site, bus: Kafka, kafka_server: Broker, environment: dict[str, str]
) -> None:
    sent, good, bad = mixture(4, 80)
    half = len(sent) // 2
    send(bus, sent[:half])
    other = start(environment, "never", 0)
    try:
        await_(settled(site, sent[:half]), "the first half is settled")
        kafka_server.kill()
        kafka_server.start()
        send(bus, sent[half:])
        await_(settled(site, sent), "all is settled")
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
    check(site, sent, good, bad)


def test_two_that_hold_the_same_partitions_do_no_harm(
    site: Site, bus: Kafka, environment: dict[str, str]
) -> None:
    sent, good, bad = mixture(3, 150)
    other = start(environment, "never", 0)
    try:
        with running(site):
            for first in range(0, len(sent), 10):
                send(bus, sent[first : first + 10])
            await_(settled(site, sent), "all is settled")
    finally:
        other.kill()
        other.wait()
    check(site, sent, good, bad)


def test_what_came_too_early_is_recorded_once_another_partition_brings_what_it_needs(
    site: Site, bus: Kafka
) -> None:
    early = [
        (0, *structured(details("s", "early", "新名"))),
        (0, *structured(details("never", "lost", "新名"))),
    ]
    with running(site):
        send(bus, early)
        await_(lambda: len(site.log.marks([f"{bus.topics}.{INBOX}/0"])) == 1, "they were tried")
        assert recorded(site) == []
        late = [(1, *structured(school("s")))]
        send(bus, late)
        await_(lambda: recorded(site) == ["school-s", "early"], "the early one is recorded")
        assert refused(site) == []
        await_(settled(site, [*early, *late]), "the patience with the other has ended")
    assert [(row.id, row.code, row.rule) for row in refused(site)] == [
        ("lost", "unknown-school", "roll.school_exists")
    ]


def test_what_was_refused_is_taken_once_it_is_sent_again(site: Site, bus: Kafka) -> None:
    sent = [(0, *framed(details("s", "d-1", "新名"))), (1, b"nothing", ())]
    send(bus, sent)
    with running(site):
        await_(settled(site, sent), "both are refused")
        more = [(2, *binary(school("s")))]
        send(bus, more)
        await_(settled(site, [*sent, *more]), "what it lacked is there")
        (row,) = refused(site, code="unknown-school")
        assert publish_again(bus, site.sealer.open_batch, [row]) == 1
        await_(lambda: recorded(site) == ["school-s", "d-1"], "it is recorded")
    assert [each.code for each in refused(site)] == ["unsupported-media-type"]
    (row,) = refused(site, code="unknown-school", retried=True)
    assert row.retried_at is not None
    assert refused(site, places=[row.coordinates], retried=True) == [row]
