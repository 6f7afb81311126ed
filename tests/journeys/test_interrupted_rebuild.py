"""A rebuild by several processes ends at once when it is told to: quietly, whole, and with nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import psutil
import psycopg
import pytest

from adapters.contracts.codec import AvroCodec
from adapters.embedded import server as embedded
from adapters.postgres.log.log import PostgresLog
from adapters.run.parts import open_parts
from streams.project.rebuild import Rebuild
from tests.logs.histories import City, append, model
from tests.patience import PATIENCE
from tests.processes.server import environment, interrupt, left, terminate

EVENTS = 10_000
# However short the log is, several processes.
PUJIANG = (
    sys.executable,
    "-c",
    "from streams.project import bulk; from adapters.cli import main; bulk.SMALL = 0; main()",
)
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'read' AND tablename ~ '_[0-9a-f]{8}(_[0-9]+)?$'"


def interrupt_one(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the process alone, not its group."""
    process.send_signal(signal.SIGINT)


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute(TABLES)}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with a log and one read model."""
    home = tmp_path_factory.mktemp("rebuilt") / "home"
    with embedded.start(home) as server:
        log = PostgresLog(server.url)
        append(log, AvroCodec(), City(1).events(EVENTS))
        log.close()
        Rebuild(partial(open_parts, server.url)).run([model("students")])
    return home


@pytest.mark.parametrize(
    "seed, stop, status",
    [
        (1, interrupt, 130),
        (2, interrupt, 130),
        (3, interrupt_one, 130),
        (4, terminate, 143),
        (5, subprocess.Popen.kill, -signal.SIGKILL),
    ],
)
def test_an_interrupted_rebuild_leaves_nothing(
    seed: int, stop: Callable[[subprocess.Popen[bytes]], None], status: int, home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with out.open("wb") as told:
        rebuilding = subprocess.Popen(
            [*PUJIANG, "rebuild", "--processes", "3"],
            env=environment(home) | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
    deadline = time.monotonic() + PATIENCE
    while workers(rebuilding) < 2:
        assert rebuilding.poll() is None, out.read_text()
        assert time.monotonic() < deadline, out.read_text()
        time.sleep(0.01)
    time.sleep(Random(seed).uniform(0, 0.5))
    stop(rebuilding)
    assert rebuilding.wait(PATIENCE) == status, out.read_text()
    while running := list(left(home)):
        assert time.monotonic() < deadline, running
        time.sleep(0.05)
    if status > 0:
        assert len(out.read_text().strip().splitlines()) <= 1, out.read_text()
    with embedded.start(home) as server:
        Rebuild(partial(open_parts, server.url), grace_seconds=0).sweep()
        with open_parts(server.url) as parts:
            assert tables(server.url) == {each.table for each in parts.store.live().values()}


def workers(process: subprocess.Popen[bytes]) -> int:
    try:
        children = psutil.Process(process.pid).children()
        return sum("spawn_main" in " ".join(each.cmdline()) for each in children)
    except psutil.Error:  # one has ended while it was looked at
        return 0
