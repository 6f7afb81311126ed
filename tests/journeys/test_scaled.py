"""Scaled mode as an operator starts it: `serve --no-projector`, `relay` and `worker`, each a process of its own."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from adapters.kafka.settings import Kafka
from tests.bus.topics import make_topics
from tests.patience import PATIENCE
from tests.processes.server import PUJIANG, environment, left, serving

TYPE = {"content-type": "application/cloudevents+json"}


def person(number: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "source": "urn:test:scaled",
        "id": str(number),
        "type": "identity.PersonRegistered",
        "time": "2024-09-01T08:00:00+08:00",
        "data": {"person": f"p-{number}", "name": "李雷"},
    }


@contextmanager
def running(command: str, environment_: Mapping[str, str], out: Path, says: str = "") -> Iterator[None]:
    """Run a command, once it says so, until the block ends; then SIGTERM has to end it in order, without a traceback."""
    with out.open("wb") as told:
        process = subprocess.Popen([PUJIANG, command], env=environment_, stdout=told, stderr=told)
    try:
        deadline = time.monotonic() + PATIENCE
        while says not in out.read_text():  # a command that is ended while it starts answers 130
            assert process.poll() is None, out.read_text()
            assert time.monotonic() < deadline, out.read_text()
            time.sleep(0.05)
        yield
        assert process.poll() is None, out.read_text()
        process.terminate()
        assert process.wait(PATIENCE) == 0, out.read_text()
        assert "Traceback" not in out.read_text(), out.read_text()
    finally:
        process.kill()
        process.wait()


def tell(environment_: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PUJIANG, *command], env=environment_, capture_output=True, check=False, text=True, timeout=PATIENCE
    )


def test_workers_fold_what_the_api_publishes(bus: Kafka, tmp_path: Path) -> None:
    home = tmp_path / "home"
    scaled = {**environment(home), "PUJIANG_KAFKA": bus.servers[0], "PUJIANG_TOPICS": bus.topics}
    early = tell(scaled, "worker")
    assert early.returncode == 1
    assert "run `pujiang topics apply`" in early.stderr + early.stdout
    make_topics(bus)
    run = partial(running, environment_=scaled)
    with (
        serving(scaled, tmp_path / "serve", more=("--no-projector",)) as at,
        httpx.Client(timeout=PATIENCE) as client,
    ):

        def see(number: int) -> None:
            answer = client.post(f"http://{at}/events", headers=TYPE, json=person(number))
            assert answer.is_success, answer.text
            found = client.get(
                f"http://{at}/persons/p-{number}", params={"wait_for": answer.json()["position"]}
            )
            while found.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                found = client.get(found.url)
            assert found.json()["person"] == f"p-{number}", found.text

        with run("relay", out=tmp_path / "relay"):
            with run("worker", out=tmp_path / "worker", says="folding records"):
                see(1)
                with run("worker", out=tmp_path / "second", says="folding records"):
                    see(2)
                    rebuilt = tell(scaled, "rebuild", "persons")
                    assert rebuilt.returncode == 0, rebuilt.stderr
                    see(3)
                see(4)
                told = json.loads(tell(scaled, "status", "--json").stdout)["projections"]["persons"]
                assert (
                    told["position"] >= 4
                )  # besides the four persons, the log may have what was stated by now
                assert (told["held"], told["partitions"]) == (0, 12)
                assert (
                    'pujiang_projection_partitions{model="persons"} 12.0'
                    in client.get(f"http://{at}/metrics").text
                )
                assert tell(scaled, "retry", "persons").returncode == 0
            found = tell(scaled, "replay", "persons")
            assert found.returncode == 0, found.stdout
    deadline = time.monotonic() + PATIENCE
    while list(left(home)) and time.monotonic() < deadline:
        time.sleep(0.05)  # Python's own tracker of resources ends a moment after its parent
    assert list(left(home)) == []


def test_without_a_bus_a_worker_says_so(tmp_path: Path) -> None:
    found = tell(environment(tmp_path / "home"), "worker")
    assert found.returncode not in {0, -9}
    assert "PUJIANG_KAFKA is not set" in found.stderr + found.stdout
    assert "Traceback" not in found.stderr + found.stdout
