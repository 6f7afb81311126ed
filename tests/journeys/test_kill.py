"""Killed at seeded moments, what was acknowledged stays, once and in order, and read models equal a fresh fold."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from random import Random

import httpx
import msgspec
import psutil
import pytest

from adapters import embedded
from adapters.postgres.log import PostgresLog
from adapters.upstream import lines
from adapters.upstream.city import city
from events.entry import parse
from tests.serving import PUJIANG, environment, serving

PEOPLE, BATCH, SECONDS = 300, 100, 90
TYPE = {"content-type": "application/cloudevents-batch+json"}


class Publisher(threading.Thread):
    """Sends a city in batches, each again until it is acknowledged, to wherever the system answers now."""

    def __init__(self, seed: int) -> None:
        super().__init__(daemon=True)
        self.walking = lines(city(PEOPLE, seed))
        self.at = ""
        self.acknowledged: dict[tuple[str, str], int] = {}
        self.fault: str | None = None

    def run(self) -> None:
        with httpx.Client(timeout=10) as client:
            while part := list(islice(self.walking, BATCH)):
                self._send(client, part)

    def _send(self, client: httpx.Client, part: list[bytes]) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                answer = client.post(
                    f"http://{self.at}/events", content=b"[" + b",".join(part) + b"]", headers=TYPE
                )
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == httpx.codes.OK:
                self._note(part, answer.json()["verdicts"])
                return
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                self.fault = answer.text
            time.sleep(0.05)
        self.fault = self.fault or "the system did not come back"

    def _note(self, part: list[bytes], verdicts: list[dict[str, object]]) -> None:
        for line, verdict in zip(part, verdicts, strict=True):
            event = msgspec.json.decode(line)
            if verdict["verdict"] not in ("recorded", "repeated"):
                self.fault = str(verdict)
                return
            position = verdict["position"]
            assert isinstance(position, int)
            self.acknowledged[event["source"], event["id"]] = position


def check(home: Path, publisher: Publisher) -> None:
    """Assert that the log is gapless and holds each acknowledged event where it was acknowledged."""
    assert publisher.fault is None
    server = embedded.start(home)
    try:
        log = PostgresLog(server.url)
        stored = [each for batch in log.tail(0, log.head(), ()) for each in batch]
        log.close()
        assert [each.position for each in stored] == list(range(1, len(stored) + 1))
        found = {}
        for each in stored:
            header = parse(each.entry)
            assert (header.source, header.id) not in found, "an event is there twice"
            found[header.source, header.id] = each.position
        assert found == publisher.acknowledged
    finally:
        server.stop()
    replayed = subprocess.run(
        [PUJIANG, "replay"], env=environment(home), capture_output=True, text=True, check=False
    )
    assert replayed.returncode == 0, replayed.stdout[-2000:] + replayed.stderr[-2000:]


def postmaster(home: Path, killed: int) -> int:
    """Return the number of the database's first process, once it is another than the one killed before."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError, IndexError, ValueError):
            found = int((home / "postgres/data/postmaster.pid").read_text().split()[0])
            if found != killed:
                return found
        time.sleep(0.02)
    raise TimeoutError("the database did not come back")


def children(name: str) -> list[psutil.Process]:
    """Return the running processes below this one whose command line has a word."""
    found = []
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it may end while it is looked at
            if any(name in word for word in each.cmdline()):
                found.append(each)
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_the_database_is_killed_while_events_come_in(seed: int, tmp_path: Path) -> None:
    home, chance, publisher, killed = tmp_path / "home", Random(seed), Publisher(seed), 0
    with serving(environment(home), tmp_path / "out") as at:
        publisher.at = at
        publisher.start()
        for _ in range(2):
            time.sleep(chance.uniform(0.2, 1.0))
            killed = postmaster(home, killed)
            os.kill(killed, signal.SIGKILL)
        publisher.join(SECONDS)
        assert not publisher.is_alive()
    check(home, publisher)


@pytest.mark.parametrize("seed", [3, 4])
def test_the_serving_process_is_killed_while_events_come_in(seed: int, tmp_path: Path) -> None:
    home, chance, publisher = tmp_path / "home", Random(seed), Publisher(seed)
    for turn in range(3):
        with serving(environment(home), tmp_path / f"out-{turn}") as at:
            publisher.at = at
            if not publisher.is_alive() and turn == 0:
                publisher.start()
            if turn == 2:
                publisher.join(SECONDS)
                assert not publisher.is_alive()
                break
            time.sleep(chance.uniform(0.1, 0.8))
            [serve] = [each for each in children("serve") if each.ppid() == os.getpid()]
            serve.kill()
    check(home, publisher)


def test_the_projector_is_killed_and_goes_on_from_its_bookmark(tmp_path: Path) -> None:
    home, chance, publisher = tmp_path / "home", Random(5), Publisher(5)
    with serving(environment(home), tmp_path / "out") as at:
        publisher.at = at
        publisher.start()
        for _ in range(2):
            time.sleep(chance.uniform(0.2, 0.6))
            for each in children("spawn_main"):
                each.kill()
            time.sleep(1.5)
        publisher.join(SECONDS)
        answer = httpx.get(f"http://{at}/persons?limit=1&wait_for={max(publisher.acknowledged.values())}")
        assert answer.status_code == httpx.codes.OK, answer.text
    check(home, publisher)
