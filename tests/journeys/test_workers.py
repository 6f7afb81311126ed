"""Workers on a real Kafka: killed, stopped, added and taken away, each event has its effect once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest

from adapters.embedded import server as embedded
from adapters.embedded.os_account import ServerFault
from adapters.kafka.broker import Broker
from adapters.kafka.settings import Kafka
from streams.project.rebuild import Rebuild
from tests.logs.histories import CHOSEN, City, append
from tests.patience import PATIENCE
from tests.processes.fleet import Fleet, fleet, kill, stop


@pytest.fixture
def on(database_url: str, bus: Kafka, tmp_path: Path) -> Iterator[Fleet]:
    with fleet(database_url, bus, tmp_path) as found:
        yield found


def test_killed_at_named_points(on: Fleet) -> None:
    city = City(1, merges=0.03)
    with on.open() as parts:
        append(parts.log, parts.codec, city.events(600))
    on.relay()
    on.keep(on.publish(city))
    for point in ("spreading:3", "assigned:1", "seeking:1", "folding:4", "committing:9", "committed:2"):
        worker = on.start(point)
        worker.wait(PATIENCE)
        assert worker.returncode == -9, on.output(worker)
    for point in ("assigned:1:stop", "seeking:1:stop", "folding:4:stop", "committed:2:stop"):
        worker = on.start(point)
        worker.wait(PATIENCE)
        assert worker.returncode == 0, on.output(worker)
    on.start()
    on.settle()


def test_one_that_stands_still_is_started_again(on: Fleet, tmp_path: Path) -> None:
    on.relay()
    on.keep(on.publish(City(6)))
    flag = tmp_path / "stall"
    flag.touch()
    worker = on.start(f"stalling:{flag}", "supervised")
    on.wait_for(lambda: "worker-stalled" in on.output(worker))
    on.await_moved()
    on.settle()
    assert stop(worker) == 0


def test_while_nothing_is_relayed_it_waits(on: Fleet, tmp_path: Path) -> None:
    relay = on.relay()
    on.keep(on.publish(City(7)))
    worker = on.start(f"stalling:{tmp_path / 'never'}")
    on.await_moved()
    assert stop(relay) == 0, on.output(relay)
    on.wait_for(lambda: "nothing-relayed" in on.output(worker))
    on.relay()
    on.settle()
    assert "worker-stalled" not in on.output(worker)


def test_added_stopped_and_killed_under_load_while_a_read_model_is_rebuilt(on: Fleet) -> None:
    on.relay()
    on.keep(on.publish(City(3, people=5, merges=0.01)))  # so few people leave partitions idle
    first = on.start()
    on.await_moved()
    second = on.start()
    on.await_moved(200)
    Rebuild(on.open).run(CHOSEN)
    third = on.start()
    on.await_moved()
    assert stop(first) == 0, on.output(first)
    on.await_moved()
    kill(second)
    on.await_moved(200)
    Rebuild(on.open).run(CHOSEN[:2])
    on.settle()
    assert stop(third) == 0, on.output(third)
    for each in (first, third):
        assert "Traceback" not in on.output(each)


def test_handed_over_to_workers_and_back_under_load(on: Fleet) -> None:
    on.relay()
    on.keep(on.publish(City(4, merges=0.03)))
    for seed in range(2):
        embedded, random = on.embedded(), Random(seed)
        on.await_moved(random.randrange(20, 200))
        worker = on.start()
        on.await_waiting(worker)
        random.choice((kill, stop))(embedded)
        on.await_moved(random.randrange(20, 200))
        embedded = on.embedded()
        on.await_waiting(embedded)
        random.choice((kill, stop))(worker)
        on.await_moved()
        kill(embedded)
    on.embedded()
    on.settle()
    with on.open() as parts:
        assert {each.partitions for each in parts.store.live().values()} == {1}


def test_the_broker_and_the_database_are_killed_and_come_back(
    bus: Kafka, kafka_server: Broker, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    server = embedded.start(home)
    try:
        with fleet(server.url, bus, tmp_path) as on:
            on.relay()
            on.keep(on.publish(City(5, merges=0.03)))
            on.start("supervised")
            on.start("supervised")
            on.await_moved()
            for _ in range(2):
                kafka_server.kill()
                on.await_grown(500)
                kafka_server.start()
                on.await_moved()
                os.kill(int((home / "postgres/data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
                on.wait_for(partial(getattr, server, "ended"))
                server = back(home, server.url)
                on.await_moved()
            on.settle()
    finally:
        server.stop()


def back(home: Path, url: str) -> embedded.Server:
    """Start a killed database again, once its last processes have ended."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            found = embedded.start(home)
        except ServerFault:
            assert time.monotonic() < deadline
            time.sleep(0.1)
            continue
        if found.owned:
            assert found.url == url
            return found
        found.stop()
        time.sleep(0.1)
