"""Workers on a real broker and a real database, a relay, and a publisher that keeps the log growing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psycopg

from adapters.kafka.clients import admin
from adapters.kafka.settings import Kafka
from adapters.kafka.topics import carry_out, compare
from adapters.run.parts import open_parts
from events.event import Event
from streams.bus.topics import by_kind, kinds, topics
from streams.ports import IdentityTaken, LogUnavailable
from streams.project.rebuild import Rebuild
from streams.recheck.replay import replay
from tests.logs.histories import CHOSEN, City, append
from tests.logs.read_models import KINDS, MODELS
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
RETRY_SECONDS = 0.1
AWAY = (psycopg.Error, LogUnavailable)


class Fleet:
    """A database with a few read models, their topics, and the processes that work on them; it ends all that it starts."""

    def __init__(self, url: str, bus: Kafka, folder: Path) -> None:
        self.url, self.bus, self._folder = url, bus, folder
        self.open = partial(open_parts, url)
        self._started: list[subprocess.Popen[bytes]] = []
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.faults: list[BaseException] = []
        Rebuild(self.open).bring_up(CHOSEN)
        others = {by_kind(kind, bus.topics) for kind in kinds() if kind not in KINDS}
        with admin(bus) as client:
            wanted = [each for each in topics(bus.topics) if each.name not in others]
            carry_out(client, compare(client, wanted))

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        """Start a worker process."""
        command = [
            "-m",
            "tests.processes.worker_process",
            self.url,
            self.bus.servers[0],
            self.bus.topics,
            *more,
        ]
        return self._run(command)

    def relay(self) -> subprocess.Popen[bytes]:
        """Start a relay process."""
        return self._run(
            ["-m", "tests.processes.relay_process", self.url, self.bus.servers[0], self.bus.topics]
        )

    def embedded(self) -> subprocess.Popen[bytes]:
        """Start a process that runs the embedded projector."""
        code = (
            "import sys; from functools import partial; from tests.processes.worker_process import limit_read_models; limit_read_models(); "
            "from adapters.process.loop import keep_in_process; from adapters.run.projector import projector; "
            "keep_in_process(partial(projector, sys.argv[1]))"
        )
        return self._run(["-c", code, self.url])

    def _run(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with (self._folder / f"out-{len(self._started)}").open("wb") as out:
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=environment, stdout=out, stderr=out
            )
        self._started.append(process)
        return process

    def output(self, process: subprocess.Popen[bytes]) -> str:
        """Return what a process has printed."""
        return (self._folder / f"out-{self._started.index(process)}").read_text()

    def keep(self, work: Callable[[threading.Event], None]) -> None:
        """Do work in a thread until the test ends; the test raises whatever the work raises."""

        def guarded() -> None:
            try:
                work(self._stop)
            except BaseException as fault:  # noqa: BLE001 - raised again in the test
                self.faults.append(fault)

        thread = threading.Thread(target=guarded, daemon=True)
        self._threads.append(thread)
        thread.start()

    def publish(self, city: City, size: int = 10) -> Callable[[threading.Event], None]:
        """Return work that keeps the log growing, with each event of the city once: a merged number may not merge again."""

        def work(stop: threading.Event) -> None:
            waiting: Sequence[Event] = ()
            while not stop.is_set():
                with suppress(*AWAY), self.open() as parts:
                    while not stop.is_set():
                        waiting = waiting or city.events(size)
                        with suppress(IdentityTaken):
                            append(parts.log, parts.codec, waiting)
                        waiting = ()
                        stop.wait(0.03)
                stop.wait(RETRY_SECONDS)

        return work

    def await_moved(self, by: int = 100) -> None:
        """Wait until all read models have advanced by this many positions."""
        self.await_position(self.position() + by)

    def await_grown(self, by: int) -> None:
        """Wait until the log has grown by this many entries."""
        with self.open() as parts:
            wanted = parts.log.head() + by
            self.wait_for(lambda: parts.log.head() >= wanted)

    def await_position(self, position: int) -> None:
        """Wait until all read models have reached a position."""
        self.wait_for(lambda: self.position() >= position)

    def position(self) -> int:
        """Return the position that all read models have reached."""
        with suppress(*AWAY), self.open() as parts:
            live = parts.store.live()
            return min(live[each].position for each in MODELS)
        return -1

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition; fail if a process ends with a traceback or work in a thread raises."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.check()
            assert time.monotonic() < deadline, [self.output(each)[-3000:] for each in self._started]
            time.sleep(0.05)

    def await_waiting(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until a process reports that it waits for those of the other mode."""
        self.wait_for(lambda: "waiting" in self.output(process))

    def check(self) -> None:
        """Raise what has gone wrong in a thread or a process."""
        for fault in self.faults:
            raise fault
        for each in self._started:
            assert "Traceback" not in self.output(each), self.output(each)

    def settle(self) -> None:
        """Stop publishing, wait until the workers have caught up with the log, and compare all rows with a fresh fold."""
        stop, self._stop = self._stop, threading.Event()
        publishers, self._threads = self._threads, []
        stop.set()
        for thread in publishers:
            thread.join(PATIENCE)
        with self.open() as parts:
            self.await_position(parts.log.head())
        self.check()
        self.assert_equal_to_a_fresh_fold()

    def assert_equal_to_a_fresh_fold(self) -> None:
        """Compare all rows with a fold of the whole log."""
        assert not list(replay(self.open, CHOSEN))

    def close(self) -> None:
        """End everything."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        for each in self._started:
            if each.poll() is None:
                each.kill()
            each.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process at once, as a power failure would."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def stop(process: subprocess.Popen[bytes]) -> int:
    """Terminate a process, and return its exit code."""
    process.terminate()
    return process.wait(PATIENCE)


@contextmanager
def fleet(url: str, bus: Kafka, folder: Path) -> Iterator[Fleet]:
    """Yield a fleet, and close it."""
    found = Fleet(url, bus, folder)
    try:
        yield found
    finally:
        found.close()
