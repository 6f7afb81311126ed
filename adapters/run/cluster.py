"""A whole cluster on one machine: database, broker, API, relay and workers, each its own process, stopped together."""

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
from adapters.kafka.clients import admin
from adapters.kafka.topics import agreed, carry_out, compare
from adapters.process.environment import SettingsFault
from adapters.run.settings import Settings
from adapters.run.site import Database, database
from streams.bus.topics import topics

LOOK_SECONDS = 0.3
AGAIN_SECONDS = 1.0
STOP_SECONDS = 20.0

log = structlog.get_logger()


class Member:
    """One process of the cluster, `pujiang` with some arguments. One that ends by itself is started again."""

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
        """Tell it to stop, and wait until it has finished what it has in hand."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("process-killed", process=self.name)
            self.process.kill()
            self.process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        """Start it, tied to this process: it is told to stop when we die, however we die."""
        return subprocess.Popen(
            [sys.executable, "-m", "adapters.cli", *self._arguments],
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: members are stopped in order
            preexec_fn=os_account.tied_to_parent(signal.SIGTERM) if os_account.LINUX else None,  # noqa: PLW1509  no other way before exec
        )


class Members:
    """The processes of a cluster; on leaving they stop, the last first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._members: list[Member] = []

    def start(self, name: str, *arguments: str) -> Member:
        """Start one more."""
        member = Member(name, arguments, self._environment)
        self._members.append(member)
        return member

    def tend(self) -> None:
        """Start those again that have ended."""
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
    stop: threading.Event,
    *,
    workers: int,
    sample_city: bool,
    ready: Callable[[int, str], None],
) -> None:
    """Run a cluster until told to stop; once all is started `ready` is told the API's port and the broker's address.

    Raises KafkaFault, ServerFault, SettingsFault.
    """
    settings = structs.replace(settings, port=settings.port or broker.free_port())
    with _standing(settings) as (base, bus, members):
        city = ["--sample-city"] if sample_city else []
        api = members.start("api", "serve", "--no-projector", *city)
        while not _answers(settings):
            if api.process.poll() is not None:
                raise SettingsFault("the API has not started: its own words are above")
            if stop.wait(LOOK_SECONDS):
                return
        members.start("relay", "relay")
        members.start("inbox", "inbox")
        for number in range(1, workers + 1):
            members.start(f"worker-{number}", "worker")
        ready(settings.port, bus.address)
        while not stop.wait(LOOK_SECONDS):
            base.tend()
            if bus.ended:
                log.error("broker-ended")
                bus.start()
            members.tend()


@contextmanager
def _standing(settings: Settings) -> Iterator[tuple[Database, Broker, Members]]:
    """Start database and broker, make the topics, and give what the processes are started with."""
    with (
        database(settings) as base,
        broker.start(settings.home, port=broker.local_port(settings.kafka)) as bus,
    ):
        kafka = structs.replace(settings.kafka, servers=(bus.address,))
        with admin(kafka) as client:
            carry_out(client, agreed(compare(client, topics(kafka.topics))))
        told = {
            "DATABASE_URL": base.url,
            "PUJIANG_HOME": str(settings.home),
            "PUJIANG_KAFKA": bus.address,
            "PUJIANG_PORT": str(settings.port),
        }
        with Members({**os.environ, **told}) as members:
            yield base, bus, members


def _answers(settings: Settings) -> bool:
    try:
        socket.create_connection((settings.host.strip("[]"), settings.port), timeout=1).close()
    except OSError:
        return False
    return True
