"""A cluster for journeys: `pujiang cluster` as an operator starts it, on a data home of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from adapters.kafka import broker, jars
from tests.patience import PATIENCE
from tests.processes.server import PUJIANG, environment, free_port

TYPE = {"content-type": "application/cloudevents+json"}


class PujiangCluster:
    """A running cluster, with the address of its API."""

    def __init__(self, home: Path, out: Path) -> None:
        self.home, self.out, self.port = home, out, free_port()
        self.bus = f"{broker.HOST}:{free_port()}"
        settings = {"PUJIANG_PORT": str(self.port), "PUJIANG_KAFKA": self.bus}
        with out.open("wb") as file:
            self.process = subprocess.Popen(
                [PUJIANG, "cluster", "--workers", "2"],
                env=environment(home) | settings,
                stdout=file,
                stderr=file,
            )

    def register(self, number: int) -> int:
        """Publish a person; return the event's position."""
        event = {
            "specversion": "1.0",
            "source": "urn:test:cluster",
            "id": str(number),
            "type": "identity.PersonRegistered",
            "time": "2024-09-01T08:00:00+08:00",
            "data": {"person": f"p-{number}", "name": "李雷"},
        }
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/events", json=event, headers=TYPE, timeout=PATIENCE
        )
        assert answer.status_code == httpx.codes.CREATED, answer.text
        position: int = answer.json()["position"]
        return position

    def person(self, number: int, position: int) -> httpx.Response:
        """Query a person as of a position."""
        address = f"http://127.0.0.1:{self.port}/persons/p-{number}"
        return httpx.get(address, params={"wait_for": position}, timeout=PATIENCE)

    def members(self) -> dict[str, psutil.Process]:
        """Return the processes of the cluster by command (`serve`, `relay` ...); the last one if there are several."""
        found: dict[str, psutil.Process] = {}
        for each in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                line = each.cmdline()
                if "adapters.cli" in line:
                    found[line[line.index("adapters.cli") + 1]] = each
        return found

    def wait_for(self, condition: Callable[[], Any]) -> Any:
        """Wait until a condition returns something true; return that."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.out.read_text()
            with suppress(httpx.TransportError):
                if found := condition():
                    return found
            time.sleep(0.2)
        raise TimeoutError(self.out.read_text())


@contextmanager
def pujiang_cluster(folder: Path, programs: Path) -> Iterator[PujiangCluster]:
    """Run a cluster in a folder, with Kafka's programs from another."""
    home = folder / "home"
    (home / "kafka").mkdir(parents=True)
    (home / "kafka" / f"kafka-{jars.VERSION}").symlink_to(programs)
    found = PujiangCluster(home, folder / "out")
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.process.kill()
            found.process.wait()
