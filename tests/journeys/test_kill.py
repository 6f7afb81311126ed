"""Killed at seeded moments, what was acknowledged stays, once and in order, and read models equal a fresh fold."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.patience import PATIENCE
from tests.processes.publisher import Publisher
from tests.processes.server import environment, serving


def postmaster(home: Path, killed: int) -> int:
    """Return the number of the database's first process, once it is another than the one killed before."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError, IndexError, ValueError):
            found = int((home / "postgres/data/postmaster.pid").read_text().split()[0])
            if found != killed:
                return found
        time.sleep(0.02)
    raise TimeoutError("the database did not come back")


@pytest.mark.parametrize("seed", [1])
def test_the_database_is_killed_while_events_come_in(seed: int, tmp_path: Path) -> None:
    home, chance, publisher, killed = tmp_path / "home", Random(seed), Publisher(seed), 0
    with (
        serving(environment(home), tmp_path / "out") as publisher.at,
        ThreadPoolExecutor(1) as pool,
    ):
        sending = pool.submit(publisher.run)
        for _ in range(2):
            time.sleep(chance.uniform(0.2, 1.0))
            killed = postmaster(home, killed)
            os.kill(killed, signal.SIGKILL)
        sending.result()
    publisher.check(home)


@pytest.mark.parametrize("seed", [3])
def test_the_serving_process_is_killed_while_events_come_in(seed: int, tmp_path: Path) -> None:
    home, chance, publisher = tmp_path / "home", Random(seed), Publisher(seed)
    with ThreadPoolExecutor(1) as pool:
        sending = None
        for turn in range(3):
            with serving(environment(home), tmp_path / f"out-{turn}") as publisher.at:
                sending = sending or pool.submit(publisher.run)
                if turn == 2:
                    sending.result()
                    break
                time.sleep(chance.uniform(0.1, 0.8))
                [serve] = [each for each in psutil.Process().children() if "serve" in each.cmdline()]
                serve.kill()
    publisher.check(home)
