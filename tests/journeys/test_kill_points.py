"""Killed at named points of publishing and projecting, what was acknowledged stays, once and in order.

What is killed is the serving process, the projector, or the database; where, tests/processes/kill_points.py says.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.patience import PATIENCE
from tests.processes.kill_points import PROJECTING, PUBLISHING, ask
from tests.processes.publisher import Publisher
from tests.processes.server import environment, serving

KILLED = (sys.executable, "-m", "tests.processes.kill_points")
BACK_SECONDS = 30
"""How much longer than its first start a killed system may take to come back, by itself."""
SURELY_NOT, SURELY = {"locked", "tags-copied", "entries-copied"}, {"committed", "answering"}


def assert_fits(point: str, words: set[str]) -> None:
    """Assert that a batch that is sent again was in the log already if, and only if, it was committed."""
    expected = {*(() if point in SURELY_NOT else ("repeated",)), *(() if point in SURELY else ("recorded",))}
    assert len(words) == 1
    assert words <= expected, point


def await_death(asked: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while asked.exists():
        assert time.monotonic() < deadline, asked.read_text()
        time.sleep(0.01)


@pytest.mark.parametrize("seed", [1])
def test_the_serving_process_is_killed_while_it_publishes(seed: int, tmp_path: Path) -> None:
    home, chance, publisher = tmp_path / "home", Random(seed), Publisher(seed)
    again, point = publisher.next(), ""
    for number, following in enumerate([*chance.sample(PUBLISHING, k=len(PUBLISHING)), ""]):
        with serving(environment(home), tmp_path / f"out-{number}", program=KILLED) as publisher.at:
            words = publisher.send(again)
            if point:
                assert_fits(point, words)
            if point := following:
                passed = chance.randrange(3)
                asked = ask(home, point, "process", passed)
                for _ in range(passed):
                    assert publisher.post(publisher.next()) == {"recorded"}
                again = publisher.next(chance.randrange(1, 200))
                with pytest.raises(httpx.TransportError):
                    publisher.post(again)
                assert not asked.exists()
    publisher.check(home)


@pytest.mark.parametrize("seed", [4])
def test_a_backend_and_then_the_serving_process_are_killed(seed: int, tmp_path: Path) -> None:
    home, chance, publisher = tmp_path / "home", Random(seed), Publisher(seed)
    again, took = publisher.next(), list[float]()
    for number, point in enumerate([*chance.sample(PUBLISHING, k=2), ""]):
        begun = time.monotonic()
        with serving(environment(home), tmp_path / f"out-{number}", program=KILLED) as publisher.at:
            took.append(time.monotonic() - begun)
            assert took[-1] < took[0] + BACK_SECONDS
            publisher.send(again)
            if point:
                asked, again = ask(home, point, "backend"), publisher.next()
                with pytest.raises(httpx.TransportError):
                    publisher.post(again)
                assert not asked.exists()
    publisher.check(home)


@pytest.mark.parametrize("seed", [2])
def test_the_database_is_killed_while_events_are_published(seed: int, tmp_path: Path) -> None:
    home, chance, publisher = tmp_path / "home", Random(seed), Publisher(seed)
    with serving(environment(home), tmp_path / "out", program=KILLED) as publisher.at:
        for point in chance.sample(PUBLISHING, k=len(PUBLISHING)):
            asked = ask(home, point, "database")
            part = publisher.next(chance.randrange(1, 200))
            acknowledged = publisher.post(part)
            assert not asked.exists()
            assert bool(acknowledged) == (point in SURELY) or point == "committing"
            assert_fits(point, publisher.send(part))
        publisher.await_read()
    publisher.check(home)


@pytest.mark.parametrize("seed", [3])
def test_the_projector_or_its_database_is_killed_while_it_projects(seed: int, tmp_path: Path) -> None:
    home, chance, publisher = tmp_path / "home", Random(seed), Publisher(seed)
    victims = chance.sample(["process", "database"] * 2, k=len(PROJECTING))
    with serving(environment(home), tmp_path / "out", program=KILLED) as publisher.at:
        for point, victim in zip(chance.sample(PROJECTING, k=len(PROJECTING)), victims, strict=True):
            asked = ask(home, point, victim)
            publisher.send(publisher.next(chance.randrange(1, 500)))
            await_death(asked)
            publisher.await_read()
    publisher.check(home)
