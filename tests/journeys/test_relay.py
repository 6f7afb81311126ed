"""`pujiang relay` as a process: killed, stopped, overtaken and cut off, the topics hold the log, each entry once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from random import Random

import psutil
import psycopg
import pytest

from adapters.contracts.codec import AvroCodec
from adapters.embedded import server
from adapters.kafka.broker import Broker
from adapters.kafka.clients import KafkaFault
from adapters.kafka.relay import relayed_topic
from adapters.kafka.settings import Kafka
from adapters.postgres.log.log import PostgresLog
from events.event import Event
from streams.ports import IdentityTaken, LogUnavailable
from tests.bus.topics import assert_relayed, make_topics
from tests.logs.histories import City, append
from tests.patience import PATIENCE
from tests.processes.kill_points import RELAYING, ask
from tests.processes.server import PUJIANG, environment

AWAY_SECONDS = 60
KILLED = (sys.executable, "-m", "tests.processes.kill_points")


class Relayed:
    """A log that grows, its bus, and the relays between them."""

    def __init__(self, bus: Kafka, home: Path, city: City, url: str = "") -> None:
        self.bus, self.home, self.url, self.codec = bus, home, url, AvroCodec()
        self._city, self._waiting = city, list[Event]()
        self._environment = environment(home) | {
            "PUJIANG_KAFKA": bus.servers[0],
            "PUJIANG_TOPICS": bus.topics,
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *program: str | Path, database: str | None = None) -> subprocess.Popen[bytes]:
        """Start a relay on a database, by default the embedded one of the home."""
        more = {} if database is None else {"DATABASE_URL": database}
        with (self.home / f"out-{len(self._started)}").open("wb") as told:
            command = [*(program or (PUJIANG,)), "relay"]
            process = subprocess.Popen(command, env=self._environment | more, stdout=told, stderr=told)
        self._started.append(process)
        return process

    def told(self, process: subprocess.Popen[bytes]) -> str:
        """Return what a relay has said."""
        return (self.home / f"out-{self._started.index(process)}").read_text()

    @cached_property
    def log(self) -> PostgresLog:
        return PostgresLog(self.url)

    def grow(self, number: int = 20) -> None:
        """Append events; what may or may not have been recorded by a database that went away is appended again."""
        self._waiting = self._waiting or self._city.events(number)
        with suppress(LogUnavailable):
            with suppress(IdentityTaken):
                append(self.log, self.codec, self._waiting)
            self._waiting = []

    def grow_until(self, condition: Callable[[], bool], relay: subprocess.Popen[bytes]) -> None:
        """Let the log grow until something holds."""

        def grown() -> bool:
            self.grow()
            return condition()

        self.wait_for(grown, relay, PATIENCE + AWAY_SECONDS)

    def grow_until_ended(self, relay: subprocess.Popen[bytes]) -> int:
        """Let the log grow until a relay has ended; return its exit status."""
        self.grow_until(lambda: relay.poll() is not None, relay)
        return relay.wait()

    def wait_for(
        self, condition: Callable[[], bool], relay: subprocess.Popen[bytes], seconds: float = PATIENCE
    ) -> None:
        """Wait until something holds of a relay."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.told(relay)
            time.sleep(0.05)

    def _rests(self) -> bool:
        """Whether all that was made is recorded, and the database that holds it is there."""
        if self._waiting:
            self.grow()
        with suppress(LogUnavailable):
            return not self._waiting and self.log.head() > 0
        return False

    def position(self) -> int:
        try:
            found = relayed_topic.last(self.bus)
        except KafkaFault:
            return 0
        return found.position if found else 0

    def assert_relayed(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until a relay has come to the head, and compare topics and log."""
        self.wait_for(self._rests, process)
        head = self.log.head()
        self.wait_for(lambda: self.position() >= head, process)
        assert_relayed(self.bus, self.log, self.codec)

    def close(self) -> None:
        for each in self._started:
            if each.poll() is None:
                each.kill()
            each.wait()
        self.log.close()
        for each in self._started:
            assert "Traceback" not in self.told(each), self.told(each)


@pytest.fixture
def on(made_bus: Kafka, database_url: str, tmp_path: Path) -> Iterator[Relayed]:
    found = Relayed(made_bus, tmp_path, City(11, merges=0.03), database_url)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def made_bus(bus: Kafka) -> Kafka:
    make_topics(bus)
    return bus


def gone(file: Path) -> bool:
    return not file.exists()


def over(moment: float) -> bool:
    return time.monotonic() > moment


def stop(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    return process.wait(PATIENCE)


@pytest.mark.parametrize("seed, victim, status", [(1, "process", -9), (2, "stopped", 0)])
def test_killed_and_stopped_at_named_points(
    on: Relayed, database_url: str, seed: int, victim: str, status: int
) -> None:
    chance = Random(seed)
    on.grow(50)
    for point in ("fenced", "taken-over"):
        ask(on.home, point, victim)
        relay = on.start(*KILLED, database=database_url)
        assert relay.wait(PATIENCE) == status, on.told(relay)
    relay = on.start(*KILLED, database=database_url)
    for point in chance.sample(RELAYING, k=len(RELAYING)):
        on.assert_relayed(relay)
        ask(on.home, point, victim, chance.randrange(30) if point == "record-sent" else chance.randrange(3))
        assert on.grow_until_ended(relay) == status, on.told(relay)
        relay = on.start(*KILLED, database=database_url)
    on.assert_relayed(relay)
    assert stop(relay) == 0


def test_of_two_the_one_that_began_last_goes_on(on: Relayed, database_url: str) -> None:
    first = on.start(database=database_url)
    on.grow()
    on.assert_relayed(first)
    second = on.start(database=database_url)
    assert on.grow_until_ended(first) == 1
    sentence = f"another relay writes to the topics {on.bus.topics}.*: this one stops"
    assert on.told(first).splitlines()[-1] == f"pujiang: {sentence}"
    on.assert_relayed(second)
    assert stop(second) == 0


def test_on_a_log_that_is_not_the_one_that_was_relayed_it_stops(on: Relayed, database_url: str) -> None:
    relay = on.start(database=database_url)
    on.grow(40)
    on.assert_relayed(relay)
    assert stop(relay) == 0
    for change, said in (
        (
            "UPDATE log.entries SET entry = entry || '\\x00' WHERE position = 40",
            "the entry at position 40 is not the one that was relayed",
        ),
        ("UPDATE log.head SET id = gen_random_uuid()", "set another prefix, PUJIANG_TOPICS"),
    ):
        with psycopg.connect(database_url) as connection:
            connection.execute(change)
        relay = on.start(database=database_url)
        assert relay.wait(PATIENCE) == 1
        assert said in on.told(relay).splitlines()[-1]


def test_wrong_settings_are_told_in_one_sentence(bus: Kafka, database_url: str, tmp_path: Path) -> None:
    for told, said in (
        ({}, "PUJIANG_KAFKA is not set"),
        ({"PUJIANG_KAFKA": "nowhere"}, "give host:port"),
        ({"PUJIANG_KAFKA": bus.servers[0], "PUJIANG_TOPICS": bus.topics}, "run `pujiang topics apply`"),
    ):
        done = subprocess.run(
            [PUJIANG, "relay"],
            env=environment(tmp_path) | {"DATABASE_URL": database_url} | told,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = done.stderr.splitlines()
        assert said in line


def test_the_database_and_the_broker_are_killed_and_the_broker_is_away_for_a_minute(
    made_bus: Kafka, kafka_server: Broker, tmp_path: Path
) -> None:
    on = Relayed(made_bus, tmp_path, City(12, merges=0.03))
    try:
        relay = on.start(*KILLED)
        on.wait_for(lambda: "relay-started" in on.told(relay), relay)
        on.url = server.start(tmp_path).url  # the relay owns the database, and starts it again
        on.grow(50)
        for point in ("opened", "closing"):
            asked = ask(tmp_path, point, "database")
            on.grow_until(partial(gone, asked), relay)
            on.assert_relayed(relay)
        for point, seconds in (("records-written", 0), ("closing", AWAY_SECONDS)):
            ask(tmp_path, point, "paused")
            on.grow_until(lambda: psutil.Process(relay.pid).status() == psutil.STATUS_STOPPED, relay)
            kafka_server.kill()
            relay.send_signal(signal.SIGCONT)
            back = time.monotonic() + seconds
            on.grow_until(partial(over, back), relay)
            kafka_server.start()
            on.assert_relayed(relay)
        assert stop(relay) == 0
    finally:
        on.close()
