"""Server processes: a real `pujiang serve` and its measurements, on ports of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import psycopg

from adapters.run.settings import Settings
from bench.figure import Figure

PUJIANG = Path(sys.executable).with_name("pujiang")
BEHIND = "SELECT min(position) < (SELECT position FROM log.head) FROM read.bookmarks"
REACHED = "SELECT min(position) >= %s FROM read.bookmarks"
MIB = 1024 * 1024
START_SECONDS = 600
"""Long enough to build all read models first, if the log has none."""


class Served:
    """A process that serves at `at`, host and port."""

    def __init__(self, at: str, pid: int) -> None:
        self.at, self._process, self.paused = at, psutil.Process(pid), False

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process itself, without its children."""
        used = self._process.cpu_times()
        return float(used.user + used.system)

    def resident_bytes(self) -> list[int]:
        """Return the memory of the process and its children, which do not include PostgreSQL.

        What several share, which were forked from one, counts for each in proportion.
        """
        processes = (self._process, *self._process.children(recursive=True))
        return [int(each.memory_full_info().pss) for each in processes]

    @contextmanager
    def children_paused(self) -> Iterator[None]:
        """Pause the children, that is the projector, during the block."""
        children = self._process.children(recursive=True)
        self.paused = True
        for each in children:
            each.suspend()
        try:
            yield
        finally:
            self.paused = False
            for each in children:
                each.resume()


def memory(served: Served, told: str) -> Figure:
    each = [resident / MIB for resident in served.resident_bytes()]
    return Figure(
        name=f"memory of pujiang serve {told}",
        unit="MiB",
        figure=sum(each),
        target="<= 400",
        note="without PostgreSQL, shared pages in proportion, by process: "
        + " + ".join(f"{one:.0f}" for one in each),
    )


def await_projected(url: str) -> None:
    """Wait until the read models have reached the head of the log."""
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(BEHIND).fetchone() != (False,):
            time.sleep(0.02)


def await_reached(url: str, position: int) -> None:
    """Wait until all partitions of the read models have reached a position."""
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(REACHED, (position,)).fetchone() != (True,):
            time.sleep(0.02)


@contextmanager
def pujiang(settings: Settings, url: str) -> Iterator[Served]:
    """Serve a database as an operator does."""
    port = _free_port()
    environment = {**os.environ, "PUJIANG_HOME": str(settings.home), "DATABASE_URL": url}
    with _running([str(PUJIANG), "serve", "--port", str(port)], port, environment) as served:
        yield served


@contextmanager
def app(name: str, settings: Settings, url: str) -> Iterator[Served]:
    """Serve one of `bench.apps`."""
    port = _free_port()
    environment = {**os.environ, "PUJIANG_HOME": str(settings.home), "DATABASE_URL": url}
    command = [sys.executable, "-m", "bench.apps", name, str(port)]
    with _running(command, port, environment) as served:
        yield served


@contextmanager
def _running(command: Sequence[str], port: int, environment: Mapping[str, str]) -> Iterator[Served]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        await_open(port, partial(_check, process))
        yield Served(f"127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(60)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _check(process: subprocess.Popen[bytes]) -> None:
    assert process.poll() is None, "the server has ended"


def await_open(port: int, check: Callable[[], None]) -> None:
    """Wait until a process listens on a port; `check` fails if none will."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        check()
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"port {port} did not open within {START_SECONDS} s")
