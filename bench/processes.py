"""Processes of the bus, as an operator starts them, and their measurements."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from adapters.kafka.settings import Kafka
from bench.place import Place

PUJIANG = (str(Path(sys.executable).with_name("pujiang")),)
START_SECONDS = 120.0
LOOK_SECONDS = 0.02
_ASSIGNED = re.compile(r"\bassigned .*?partitions=([0-9]+)")


class Running:
    """A running process whose output is kept."""

    def __init__(self, process: subprocess.Popen[bytes], words: Path) -> None:
        self._process, self._words = process, words

    def says(self) -> str:
        return self._words.read_text()

    def partitions(self) -> int:
        """Return how many partitions the process last reported."""
        found = _ASSIGNED.findall(self.says())
        return int(found[-1]) if found else 0

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process and its children, which do not include PostgreSQL and the broker."""
        own = psutil.Process(self._process.pid)
        used = [each.cpu_times() for each in (own, *own.children(recursive=True))]
        return float(sum(each.user + each.system for each in used))

    def await_said(self, word: str) -> None:
        """Wait until the output contains a word."""
        deadline = time.monotonic() + START_SECONDS
        while word not in self.says():
            self.check()
            assert time.monotonic() < deadline, f"it has not said {word!r}: {self.says()}"
            time.sleep(LOOK_SECONDS)

    def check(self) -> None:
        assert self._process.poll() is None, f"it has ended: {self.says()}"


@contextmanager
def running(place: Place, url: str, kafka: Kafka, *commands: Sequence[str]) -> Iterator[list[Running]]:
    """Start processes on a database and a bus; stop them in reverse order."""
    environment = {
        **os.environ,
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
        "PUJIANG_HOME": str(place.settings().home),
        "DATABASE_URL": url,
        "PUJIANG_KAFKA": ",".join(kafka.servers),
        "PUJIANG_TOPICS": kafka.topics,
    }
    with ExitStack() as stack:
        started = []
        for number, command in enumerate(commands):
            words = place.folder / f"{kafka.topics}-{number}.log"
            out = stack.enter_context(words.open("wb"))
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
            stack.callback(_stop, process)
            started.append(Running(process, words))
        yield started


def await_assigned(started: Sequence[Running], partitions: int) -> None:
    """Wait until all partitions are assigned, and each process has some."""
    deadline = time.monotonic() + START_SECONDS
    while not all(found := [each.partitions() for each in started]) or sum(found) != partitions:
        for each in started:
            each.check()
        assert time.monotonic() < deadline, f"partitions are shared out as {found}"
        time.sleep(LOOK_SECONDS)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
