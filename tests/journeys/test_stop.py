"""Ctrl-C and SIGTERM stop all, cleanly, whenever they come; the next start keeps everything."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE
from tests.processes.server import PUJIANG, environment, free_port, interrupt, left, serving, terminate

STOP_SECONDS = 40
TYPE = {"content-type": "application/cloudevents+json"}
PERSON = {
    "specversion": "1.0",
    "source": "urn:test:stop",
    "id": "1",
    "type": "identity.PersonRegistered",
    "time": "2024-09-01T08:00:00+08:00",
    "data": {"person": "p-stop", "name": "李雷"},
}


def begun(home: Path, _: str) -> bool:
    return (home / "postgres").exists()


def database_begun(home: Path, _: str) -> bool:
    return (home / "postgres/data/postmaster.pid").exists()


def city_begun(home: Path, _: str) -> bool:
    return (home / "sample-city.begun").exists()


def ready(_: Path, at: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://{at}/ready", timeout=PATIENCE).is_success
    return False


def statuses(stop: object, reached: object) -> set[int]:
    """Return what a command that is stopped may answer; a server that has served has ended well."""
    if stop is interrupt:
        return {128 + signal.SIGINT}
    return {0} if reached is ready else {0, 128 + signal.SIGTERM}


@pytest.mark.parametrize("stop", [interrupt, terminate])
@pytest.mark.parametrize(
    "reached,more_seconds",
    [(begun, 0.0), (database_begun, 0.0), (city_begun, 0.1), (city_begun, 4.0), (ready, 0.1)],
)
def test_it_stops_whenever_it_is_told_to(
    stop: Callable[[subprocess.Popen[bytes]], None],
    reached: Callable[[Path, str], bool],
    more_seconds: float,
    tmp_path: Path,
) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    port = str(free_port())
    command = [str(PUJIANG), "serve", "--port", port]
    if reached is city_begun:
        command.append("--sample-city")
    with out.open("wb") as told:
        served = subprocess.Popen(
            command, env=environment(home), stdout=told, stderr=told, start_new_session=True
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not reached(home, f"127.0.0.1:{port}"):
            assert served.poll() is None, out.read_text()
            assert time.monotonic() < deadline, out.read_text()
            time.sleep(0.01)
        time.sleep(more_seconds)
        stop(served)
        deadline = time.monotonic() + STOP_SECONDS
        assert served.wait(STOP_SECONDS) in statuses(stop, reached)
    finally:
        served.kill()
    while running := list(left(home)):
        assert time.monotonic() < deadline, running
        time.sleep(0.05)
    assert "Traceback" not in out.read_text(), out.read_text()


def test_the_next_start_keeps_everything(tmp_path: Path) -> None:
    home = environment(tmp_path / "home")
    with serving(home, tmp_path / "first") as at:
        assert (
            httpx.post(f"http://{at}/events", json=PERSON, headers=TYPE, timeout=PATIENCE).json()["position"]
            == 1
        )
    with serving(home, tmp_path / "second") as at:
        again = httpx.post(f"http://{at}/events", json=PERSON, headers=TYPE, timeout=PATIENCE)
        assert again.json() == {"verdict": "repeated", "position": 1}
        assert httpx.get(f"http://{at}/persons/p-stop?wait_for=1", timeout=PATIENCE).json()["name"] == "李雷"
