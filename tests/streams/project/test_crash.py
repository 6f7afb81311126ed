"""A projecting process is killed at any moment, and the rows are as if it had not been."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import psycopg
import pytest

from adapters.embedded import server as embedded
from adapters.run.parts import open_parts
from streams.project.projector import Projector
from streams.project.rebuild import Rebuild, outdated
from streams.read_ports import Open, Parts
from streams.recheck.replay import replay
from tests.logs.histories import CHOSEN, City, append, assert_sound
from tests.logs.read_models import MODELS
from tests.patience import PATIENCE
from tests.processes.kill_points import kill_database

ROOT = Path(__file__).parents[3]

FOLLOW = """
import sys
from threading import Event
from adapters.run.parts import open_parts
from streams.project import projector
from tests.logs.histories import model
projector.BATCH = 7
with open_parts(sys.argv[1]) as parts:
    live = projector.Projector(parts.log, parts.codec, parts.store, [model(each) for each in sys.argv[2:]])
    live.run(Event())
"""
REBUILD = """
import sys
from functools import partial
from adapters.run.parts import open_parts
from streams.project.rebuild import Rebuild
from tests.logs.histories import model
while True:
    Rebuild(partial(open_parts, sys.argv[1]), bound=50_000).run([model(each) for each in sys.argv[2:]])
"""


def start(code: str, url: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", code, url, *MODELS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )


def kill_after(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    time.sleep(seconds)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()


def drain(parts: Parts) -> None:
    live = Projector(parts.log, parts.codec, parts.store, CHOSEN)
    while live.step():
        pass


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_projector_neither_loses_nor_doubles(
    open_: Open, parts: Parts, database_url: str, seed: int
) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    append(parts.log, parts.codec, City(seed, merges=0.05).events(2000))
    moments, before = random.Random(seed), 0
    for _ in range(4):
        process = start(FOLLOW, database_url)
        deadline = time.monotonic() + PATIENCE
        while parts.store.live()["students"].position == before and time.monotonic() < deadline:
            time.sleep(0.01)
        kill_after(process, moments.uniform(0, 0.1))
        before = parts.store.live()["students"].position
    assert before > 0
    drain(parts)
    assert_sound(parts, MODELS)
    assert list(replay(open_, CHOSEN)) == []


def test_a_killed_rebuild_leaves_the_live_rows_alone(open_: Open, parts: Parts, database_url: str) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    append(parts.log, parts.codec, City(9, merges=0.05).events(1500))
    drain(parts)
    for seed in range(3):
        kill_after(start(REBUILD, database_url), 1 + random.Random(seed).uniform(0, 1))
    assert outdated(parts.store, CHOSEN) == []
    drain(parts)
    assert_sound(parts, MODELS)
    Rebuild(open_, grace_seconds=0).bring_up(CHOSEN)
    assert list(replay(open_, CHOSEN)) == []


def power_cut(home: Path, server: embedded.Server) -> embedded.Server:
    """Kill all of a server at once, and start it again."""
    kill_database(home)
    server.stop()
    return embedded.start(home)


def test_rows_that_a_killed_database_has_lost_come_again(tmp_path: Path) -> None:
    server, stop = embedded.start(tmp_path), Flag()
    open_ = partial(open_parts, server.url)

    def follow(live: Projector) -> None:
        while not stop.is_set():
            with suppress(psycopg.OperationalError):
                live.run(stop)

    try:
        with open_() as followed:
            live = Projector(followed.log, followed.codec, followed.store, CHOSEN)
            append(followed.log, followed.codec, City(3).events(200))
            Rebuild(open_).bring_up(CHOSEN)
            server = power_cut(tmp_path, server)
            with suppress(psycopg.OperationalError):
                live.step()  # meets the connection that was cut
            append(followed.log, followed.codec, City(4).events(200))
            while live.step():
                pass
            server = power_cut(tmp_path, server)
            following = Thread(target=follow, args=(live,))
            following.start()
            with open_() as parts:
                deadline = time.monotonic() + PATIENCE
                while parts.store.live()["students"].position < 400 and time.monotonic() < deadline:
                    time.sleep(0.01)
                stop.set()
                following.join()
                assert_sound(parts, MODELS)
                assert parts.store.live()["students"].position == 400
    finally:
        stop.set()
        server.stop()
