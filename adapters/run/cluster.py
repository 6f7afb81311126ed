"""A whole cluster on one machine: database, broker, API, relay, inbox and workers, each a process, stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import structlog
from msgspec import structs

from adapters.embedded import os_account
from adapters.kafka import broker
from adapters.kafka.broker import Broker
from adapters.kafka.clients import KafkaFault, admin
from adapters.kafka.topics import agreed, carry_out, compare
from adapters.process.environment import SettingsFault
from adapters.run.settings import Settings
from adapters.run.site import Database, database
from streams.bus.topics import topics

LOOK_SECONDS = 0.3
"""How often the processes are looked after."""
AGAIN_SECONDS = 1.0
"""How long a process that has ended by itself is left alone before it is started again."""
STOP_SECONDS = 20.0
"""How long a process may take to finish what it has in hand before it is killed."""

log = structlog.get_logger()


class ClusterProcess:
    """One process of the cluster, `pujiang` with arguments. If it ends by itself it is started again."""

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name, self._arguments, self._environment = name, arguments, environment
        self._ended_at: float | None = None
        self.process = self._spawn()

    def tend(self) -> None:
        """Start it again, a moment after it has ended."""
        if self.process.poll() is None:
            return
        if self._ended_at is None:
            log.error("process-ended", process=self.name, exit_code=self.process.returncode)
            self._ended_at = time.monotonic()
        elif time.monotonic() - self._ended_at >= AGAIN_SECONDS:
            self.process, self._ended_at = self._spawn(), None

    def stop(self) -> None:
        """Stop the process, and wait until it has finished what it has in hand."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("process-killed", process=self.name)
            self.process.kill()
            self.process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        """Start the process, tied to this one: the kernel sends it SIGTERM when this process dies."""
        return subprocess.Popen(
            [sys.executable, "-m", "adapters.cli", *self._arguments],
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for this process, which stops the others in order
            preexec_fn=os_account.tied_to_parent(signal.SIGTERM) if os_account.LINUX else None,  # noqa: PLW1509  no other way before exec
        )


class BrokerCare:
    """Looks after the broker. However often it ends it is started again; the other processes wait out its absence."""

    def __init__(self, bus: Broker) -> None:
        self._bus = bus
        self._ended_at: float | None = None

    def tend(self) -> None:
        """Start it again, a moment after it has ended, and wait for nothing."""
        if not self._bus.ended:
            return
        if self._ended_at is None:
            log.error("broker-ended", reason=self._bus.complaint())
            self._ended_at = time.monotonic()
        elif time.monotonic() - self._ended_at >= AGAIN_SECONDS:
            self._ended_at = None
            try:
                self._bus.begin()
            except KafkaFault as fault:
                log.error("broker-not-started", reason=str(fault))  # noqa: TRY400 - it says it all


class ClusterProcesses:
    """The processes of a cluster; at the end of the block they are stopped, the last one first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._members: list[ClusterProcess] = []

    def start(self, name: str, *arguments: str) -> ClusterProcess:
        """Start another process."""
        member = ClusterProcess(name, arguments, self._environment)
        self._members.append(member)
        return member

    def tend(self) -> None:
        """Start again the processes that have ended."""
        for each in self._members:
            each.tend()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in reversed(self._members):
            each.stop()


def run(
    settings: Settings,
    *,
    workers: int,
    sample_city: bool,
    ready: Callable[[int, str], threading.Event],
) -> None:
    """Run a cluster; once all is started, `ready` gets the API's port and the broker's address, and returns what stops it.

    Raises KafkaFault, ServerFault, SettingsFault.
    """
    settings = structs.replace(settings, port=settings.port or broker.free_port())
    with _standing(settings) as (base, bus, members):
        city = ["--sample-city"] if sample_city else []
        api = members.start("api", "serve", "--no-projector", *city)
        while not _answers(settings):
            if api.process.poll() is not None:
                raise SettingsFault("the API has not started: see its messages above")
            time.sleep(LOOK_SECONDS)
        members.start("relay", "relay")
        members.start("inbox", "inbox")
        for number in range(1, workers + 1):
            members.start(f"worker-{number}", "worker")
        stop = ready(settings.port, bus.address)
        care = BrokerCare(bus)
        while not stop.wait(LOOK_SECONDS):
            base.tend()
            care.tend()
            members.tend()


@contextmanager
def _standing(settings: Settings) -> Iterator[tuple[Database, Broker, ClusterProcesses]]:
    """Start database and broker, create the topics, and give them with the processes, of which there are none yet."""
    with (
        database(settings) as base,
        broker.start(settings.home, port=broker.local_port(settings.kafka)) as bus,
    ):
        kafka = structs.replace(settings.kafka, servers=(bus.address,))
        with admin(kafka) as client:
            carry_out(client, agreed(compare(client, topics(kafka.topics))))
        given = {
            "DATABASE_URL": base.url,
            "PUJIANG_HOME": str(settings.home),
            "PUJIANG_KAFKA": bus.address,
            "PUJIANG_PORT": str(settings.port),
        }
        with ClusterProcesses({**os.environ, **given}) as members:
            yield base, bus, members


def _answers(settings: Settings) -> bool:
    try:
        socket.create_connection((settings.host.strip("[]"), settings.port), timeout=1).close()
    except OSError:
        return False
    return True
