"""A projecting process is killed at any moment, and the rows are as if it had not been."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.project import Projector
from streams.read_ports import Open, Parts
from streams.rebuild import Rebuild, outdated
from streams.replay import replay
from tests.histories import City, append, assert_sound, model

ROOT = Path(__file__).parents[2]
ROLL = ("students", "roll-history", "leaves", "schools", "head-counts", "persons")
CHOSEN = tuple(map(model, ROLL))

FOLLOW = """
import sys
from threading import Event
from adapters.postgres.read_models import open_parts
from streams import project
from tests.histories import model
project.BATCH = 7
with open_parts(sys.argv[1]) as parts:
    live = project.Projector(parts.log, parts.codec, parts.store, [model(each) for each in sys.argv[2:]])
    live.run(Event())
"""
REBUILD = """
import sys
from functools import partial
from adapters.postgres.read_models import open_parts
from streams.rebuild import Rebuild
from tests.histories import model
while True:
    Rebuild(partial(open_parts, sys.argv[1]), bound=50_000).run([model(each) for each in sys.argv[2:]])
"""


def start(code: str, url: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", code, url, *ROLL],
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
        deadline = time.monotonic() + 30
        while parts.store.live()["students"].position == before and time.monotonic() < deadline:
            time.sleep(0.01)
        kill_after(process, moments.uniform(0, 0.1))
        before = parts.store.live()["students"].position
    assert before > 0
    drain(parts)
    assert_sound(parts, ROLL)
    assert list(replay(open_, CHOSEN)) == []


def test_a_killed_rebuild_leaves_the_live_rows_alone(open_: Open, parts: Parts, database_url: str) -> None:
    Rebuild(open_).bring_up(CHOSEN)
    append(parts.log, parts.codec, City(9, merges=0.05).events(1500))
    drain(parts)
    for seed in range(3):
        kill_after(start(REBUILD, database_url), 1 + random.Random(seed).uniform(0, 1))
    assert outdated(parts.store, CHOSEN) == []
    drain(parts)
    assert_sound(parts, ROLL)
    Rebuild(open_, grace_seconds=0).bring_up(CHOSEN)
    assert list(replay(open_, CHOSEN)) == []
