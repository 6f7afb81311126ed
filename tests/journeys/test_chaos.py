"""The whole under chaos: while members of a cluster are killed, nothing acknowledged is lost, doubled or out of order.

The checks are those that Jepsen makes of Kafka: lost writes, duplicates, order, stale reads.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Self

import httpx
import psutil
import pytest
from confluent_kafka import Producer

from adapters.embedded import server
from adapters.kafka.settings import Kafka
from adapters.postgres.log.log import PostgresLog
from adapters.run.parts import open_parts
from events.entry import parse
from streams.bus.topics import INBOX, PREFIX
from tests.adapters.kafka.forms import structured
from tests.bus.inbox import details, school
from tests.bus.topics import assert_relayed, contents
from tests.patience import PATIENCE
from tests.processes.kill_points import kill_database
from tests.processes.publisher import Publisher
from tests.processes.pujiang_cluster import TYPE, PujiangCluster, pujiang_cluster
from tests.processes.server import PUJIANG, environment

MEMBERS = ("worker", "relay", "inbox", "broker", "database")
PACE_SECONDS = 0.1
SEND_SECONDS = 5
WATCHED = "watched"


class Load:
    """Publishes over HTTP and to the inbox, and reads what it wrote; keeps what was acknowledged."""

    def __init__(self, cluster: PujiangCluster, seed: int) -> None:
        self._cluster, self._stop = cluster, threading.Event()
        self._publisher = Publisher(seed, people=1500)
        self._publisher.at = f"127.0.0.1:{cluster.port}"
        self.acknowledged = self._publisher.acknowledged
        self.inbox: list[tuple[str, str]] = []
        self.reads: Counter[int] = Counter()
        self.faults: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._guarded, args=(each,))
            for each in (self._publish, self._send, self._read)
        ]

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as fault:  # noqa: BLE001 - raised again in the test
            self.faults.append(fault)

    def _publish(self) -> None:
        while not self._stop.wait(PACE_SECONDS):
            part = self._publisher.next(5)
            assert part, "the city has come to its end"
            self._publisher.send(part)

    def _send(self) -> None:
        out = Producer(
            {
                "bootstrap.servers": self._cluster.bus,
                "message.timeout.ms": SEND_SECONDS * 1000,
                "log_level": 0,  # that the broker is away is what this is about
            }
        )
        for number in count():
            event = school(f"inbox-{number}")
            while not delivered(
                out, event
            ):  # the same event again may be another message, and has one effect
                if self._stop.is_set():
                    return
            self.inbox.append((event["source"], event["id"]))
            if self._stop.wait(PACE_SECONDS):
                return

    def _read(self) -> None:
        """Write one row again and again, and read it each time as of the position of the last write, or later."""
        self._until_acknowledged(school(WATCHED))
        for number in count(1):
            if self._stop.wait(PACE_SECONDS):
                return
            position = self._until_acknowledged(details(WATCHED, f"name-{number}", str(number)))
            with suppress(httpx.TransportError):
                address = f"http://{self._publisher.at}/schools/{WATCHED}"
                answer = httpx.get(address, params={"wait_for": position}, timeout=30)
                self.reads[answer.status_code] += 1
                if answer.is_success:
                    assert int(answer.json()["name"]) == number, "a stale read"
                else:
                    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text

    def _until_acknowledged(self, event: dict[str, object]) -> int:
        while True:
            with suppress(httpx.TransportError):
                answer = httpx.post(
                    f"http://{self._publisher.at}/events", json=event, headers=TYPE, timeout=30
                )
                if answer.is_success:
                    position: int = answer.json()["position"]
                    self.acknowledged[str(event["source"]), str(event["id"])] = position
                    return position
                assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
            time.sleep(PACE_SECONDS)

    def grown(self, by: int) -> Callable[[], bool]:
        """Return whether so many more events were acknowledged from now on, a tenth of them by the broker."""
        events, messages, reads = len(self.acknowledged), len(self.inbox), self.reads[200]

        def look() -> bool:
            self.check()
            return (
                len(self.acknowledged) >= events + by
                and len(self.inbox) >= messages + by // 10
                and self.reads[200] > reads
            )

        return look

    def check(self) -> None:
        """Raise what has gone wrong beside the test."""
        for fault in self.faults:
            raise fault

    def __enter__(self) -> Self:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join(90)


def delivered(out: Producer, event: dict[str, Any]) -> bool:
    """Send an event to the inbox; return whether the broker has acknowledged it."""
    told: list[bool] = []
    value, headers = structured(event)
    out.produce(
        f"{PREFIX}.{INBOX}",
        value,
        event["data"]["school"],
        headers=list(headers),
        on_delivery=lambda error, _: told.append(error is None),
    )
    out.flush(2 * SEND_SECONDS)
    return told == [True]


def kill(cluster: PujiangCluster, victim: str) -> None:
    """Kill a member of a cluster."""
    if victim == "database":
        kill_database(cluster.home)
    elif victim == "broker":
        (java,) = (
            each for each in psutil.Process(cluster.process.pid).children() if "kafka.Kafka" in each.cmdline()
        )
        java.kill()
    else:
        cluster.wait_for(lambda: victim in cluster.members())
        cluster.members()[victim].kill()


@contextmanager
def log_of(home: Path) -> Iterator[tuple[PostgresLog, str]]:
    """Give a cluster's log, and its address."""
    with server.start(home) as attached:
        log = PostgresLog(attached.url)
        try:
            yield log, attached.url
        finally:
            log.close()


def replayed(home: Path) -> None:
    """Assert that `pujiang replay` finds no row that differs from a fresh fold."""
    done = subprocess.run(
        [PUJIANG, "replay"], env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.parametrize("seed", [1])
def test_what_is_acknowledged_is_kept_once_and_in_order(
    seed: int, tmp_path: Path, kafka_programs: Path
) -> None:
    chance = Random(seed)
    with pujiang_cluster(tmp_path, kafka_programs) as cluster:
        cluster.wait_for(lambda: "workers fold" in cluster.out.read_text())
        with Load(cluster, seed) as load:
            cluster.wait_for(load.grown(20))
            for victim in [*chance.sample(MEMBERS, k=len(MEMBERS)), chance.choice(MEMBERS[:3])]:
                kill(cluster, victim)
                cluster.wait_for(load.grown(chance.randrange(20, 200)))
        load.check()
        with log_of(cluster.home) as (log, url):
            assert_kept(cluster, log, load)
            bus = Kafka(servers=(cluster.bus,))
            with open_parts(url) as parts:
                head = log.head()
                cluster.wait_for(lambda: all(each.position == head for each in parts.store.live().values()))
                assert_relayed(bus, log, parts.codec)
            assert not any(contents(bus, [f"{bus.topics}.refused"]).values())
        replayed(cluster.home)
        cluster.process.terminate()
        assert cluster.process.wait(PATIENCE) == 0
        assert "Traceback" not in cluster.out.read_text()


def assert_kept(cluster: PujiangCluster, log: PostgresLog, load: Load) -> None:
    """Assert that each event that was acknowledged is in the log, once, at the position that was told."""
    found: dict[tuple[str, str], int] = {}

    def arrived() -> bool:
        stored = list(log.read(0, limit=1_000_000))
        assert [each.position for each in stored] == list(range(1, len(stored) + 1))
        headers = [parse(each.entry) for each in stored]
        found.update({(each.source, each.id): position for position, each in enumerate(headers, 1)})
        assert len(found) == len(stored), "an event is there twice"
        return all(each in found for each in load.inbox)

    cluster.wait_for(arrived)
    assert load.acknowledged.items() <= found.items()
