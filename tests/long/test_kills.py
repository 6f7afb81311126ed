"""A thousand seeded kills of all that runs, at random moments and at named points: nothing lost or doubled, always back."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.patience import PATIENCE
from tests.processes.kill_points import PROJECTING, PUBLISHING, ask, kill_database
from tests.processes.publisher import Publisher
from tests.processes.server import environment, serving

KILLS = int(os.environ.get("PUJIANG_LONG_KILLS", "1000"))
SEED = int(os.environ.get("PUJIANG_LONG_SEED", "1"))
BACK_SECONDS = 30.0
KILLED = (sys.executable, "-m", "tests.processes.kill_points")
EVENTS = 200

log = logging.getLogger(__name__)


class Struck:
    """Kills what runs on one data home, in a way chosen by chance, while events come in."""

    def __init__(self, home: Path, chance: Random, publisher: Publisher, pool: ThreadPoolExecutor) -> None:
        self._home, self._chance, self._publisher, self._pool = home, chance, publisher, pool
        self._sending: Future[set[str]] | None = None
        self.killed, self.longest = Counter[str](), 0.0
        self._ways: dict[str, Callable[[], object]] = {
            "server": lambda: served().kill(),
            "database": lambda: kill_database(home),
            "server and database": self._both,
            "child": self._child,
            "server at a point": lambda: self._at(PUBLISHING, "process"),
            "database at a point of publishing": lambda: self._at(PUBLISHING, "database"),
            "projector at a point": lambda: self._at(PROJECTING, "process"),
            "database at a point of projecting": lambda: self._at(PROJECTING, "database"),
        }

    def kill(self) -> bool:
        """Kill something while events come in; return whether the server is gone."""
        name = self._chance.choice(sorted(self._ways))
        self._send()
        time.sleep(self._chance.uniform(0, 0.3))
        self._ways[name]()
        self.killed[name] += 1
        return name.startswith("server")

    def _both(self) -> None:
        kill_database(self._home)
        served().kill()

    def _child(self) -> None:
        """Kill a child of the server: the projector, the loops beside it, or the process that they are forked from."""
        children = served().children(recursive=True)
        self._chance.choice([each for each in children if "forkserver" in " ".join(each.cmdline())]).kill()

    def _at(self, points: Sequence[str], victim: str) -> None:
        asked = ask(self._home, self._chance.choice(points), victim, self._chance.randrange(3))
        deadline = time.monotonic() + PATIENCE
        while asked.exists():
            assert time.monotonic() < deadline, asked.read_text()
            if self._sending is None or self._sending.done():
                self._send()
            time.sleep(0.005)

    def _send(self) -> None:
        self.settled()
        part = self._publisher.next(self._chance.randrange(1, EVENTS))
        assert part, "the city has come to its end"
        self._sending = self._pool.submit(self._publisher.send, part)

    def settled(self) -> None:
        """Wait until what was sent is acknowledged."""
        if self._sending:
            self._sending.result()

    def came_back(self, struck: float) -> None:
        """Wait until what was sent is acknowledged and read, and note how long it took."""
        self.settled()
        self._publisher.await_read()
        self.longest = max(self.longest, time.monotonic() - struck)


def served() -> psutil.Process:
    """Return the serving process."""
    (found,) = (each for each in psutil.Process().children() if "serve" in each.cmdline())
    return found


@pytest.mark.long
@pytest.mark.timeout(0)
def test_whatever_is_killed_comes_back_and_nothing_is_lost(tmp_path: Path) -> None:
    home, publisher = tmp_path / "home", Publisher(SEED, people=KILLS * 30)
    struck, turn = time.monotonic(), 0
    with ThreadPoolExecutor(1) as pool:
        it = Struck(home, Random(SEED), publisher, pool)
        while it.killed.total() < KILLS:
            turn += 1
            with serving(environment(home), tmp_path / f"out-{turn}", program=KILLED) as publisher.at:
                if turn > 1:
                    it.came_back(struck)
                while it.killed.total() < KILLS:
                    gone = it.kill()
                    struck = time.monotonic()
                    if gone:
                        await_end()
                        break
                    it.came_back(struck)
                    log.info("%d kills, longest %.1f s", it.killed.total(), it.longest)
        with serving(environment(home), tmp_path / "out", program=KILLED) as publisher.at:
            it.came_back(struck)
    log.info("seed %d: %s, longest %.1f s", SEED, dict(it.killed), it.longest)
    log.info("%d events acknowledged", len(publisher.acknowledged))
    publisher.check(home)
    assert it.longest < BACK_SECONDS


def await_end() -> None:
    """Wait until the serving process, which was killed, is gone."""
    deadline = time.monotonic() + PATIENCE
    with suppress(ValueError, psutil.NoSuchProcess):
        while served().status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            time.sleep(0.005)
