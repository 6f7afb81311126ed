"""An embedded Apache Kafka: one real broker for development and tests. It is started by this process, and ends with it.

Only this machine can reach it. The broker's own process holds the lock on its folder.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from adapters.embedded import os_account
from adapters.kafka.clients import KafkaFault
from adapters.kafka.jars import fetch, java
from adapters.kafka.settings import Kafka
from adapters.process.environment import SettingsFault
from adapters.process.file_lock import lock
from adapters.process.private import open_private

HOST = "127.0.0.1"
PORT = 9092
"""The port, unless PUJIANG_KAFKA names another."""
JAVA_OPTIONS = ("-Xmx1g",)
START_SECONDS = 120.0
"""How long the broker may take to answer: after a crash it recovers its logs first."""
LOCK_SECONDS = 5.0
"""How long a killed broker may take to go before another one is started on its folder."""
STOP_SECONDS = 30.0
"""How long a clean stop may take before the broker is killed."""

SETTINGS: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENTS",
    "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "group.initial.rebalance.delay.ms": "0",
    "min.insync.replicas": "1",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
}


class Broker:
    """A running broker. It can be killed and started again on its folder, at the same address."""

    def __init__(self, folder: Path, port: int, settings: Mapping[str, str], run: Sequence[str]) -> None:
        self.address = f"{HOST}:{port}"
        self._folder, self._settings = folder, settings
        self._run = run
        self._process: subprocess.Popen[bytes] | None = None
        self._told = 0  # the size of the broker's own log when its process was started

    @property
    def kafka(self) -> Kafka:
        """The settings of a client that connects to it, without security."""
        return Kafka(servers=(self.address,))

    @property
    def ended(self) -> bool:
        """Whether the broker has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        """Start the broker, and wait until it answers. Raises KafkaFault."""
        self.begin()
        try:
            self._await_answer()
        except BaseException:
            self.stop()
            raise

    def begin(self) -> None:
        """Start the broker, and wait for nothing. Raises KafkaFault."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder) as lock:
            self._configure()
            self._format()
            self._process = self._spawn(lock)

    def complaint(self) -> str:
        """Return the last error that the broker has told since it was started, or else its last line."""
        with (self._folder / "server.log").open("rb") as log:
            log.seek(self._told)
            return _last(log.read().decode(errors="replace"))

    def kill(self) -> None:
        """Kill the broker, as a power failure would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop the broker cleanly."""
        self._end(signal.SIGTERM)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _configure(self) -> None:
        controller = f"{HOST}:{free_port()}"
        asked = {
            **SETTINGS,
            "listeners": f"CLIENTS://{self.address},CONTROLLER://{controller}",
            "controller.quorum.bootstrap.servers": controller,
            "log.dirs": str(self._folder / "data"),
            **self._settings,
        }
        lines = "".join(f"{name}={value}\n" for name, value in asked.items())
        (self._folder / "server.properties").write_text(lines, encoding="utf-8")

    def _format(self) -> None:
        """Create the data folder, with a new cluster id, unless it exists."""
        if (self._folder / "data" / "meta.properties").exists():
            return
        config = self._folder / "server.properties"
        tool = [*self._run, "kafka.tools.StorageTool"]
        cluster = subprocess.run([*tool, "random-uuid"], capture_output=True, text=True, check=False)
        asked = ("--standalone", "--cluster-id", cluster.stdout.strip(), "--config", config)
        made = subprocess.run([*tool, "format", *asked], capture_output=True, text=True, check=False)
        if made.returncode:
            raise KafkaFault(f"cannot create Kafka's data in {self._folder}: {_last(made.stderr)}")

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        """Start the process, tied to this one: the kernel kills it when this process dies, for whatever reason.

        With SIGTERM it would stop in order, for which nobody waits, and hold the lock meanwhile.
        """
        tie = os_account.tied_to_parent(signal.SIGKILL) if os_account.LINUX else None
        with open_private(self._folder / "server.log", "a") as log:
            self._told = log.seek(0, os.SEEK_END)
            return subprocess.Popen(
                [*self._run, "kafka.Kafka", self._folder / "server.properties"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C is for this process, which stops the broker when its own work is done
                preexec_fn=tie,  # noqa: PLW1509  no other way before exec
            )

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.address):
            if self.ended:
                raise KafkaFault(f"Kafka in {self._folder} did not start: {self.complaint()}")
            if time.monotonic() > deadline:
                raise KafkaFault(f"Kafka in {self._folder} has not answered for {START_SECONDS:.0f} s")
            time.sleep(0.05)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def start(
    home: Path,
    *,
    port: int | None = None,
    settings: Mapping[str, str] = {},
    java_options: Sequence[str] = JAVA_OPTIONS,
    programs: Path | None = None,
) -> Broker:
    """Start a broker in `home` with `settings` over SETTINGS, on `port` or else any free port.

    Its programs are downloaded if they are missing, into `programs` or else into `home`. Raises KafkaFault.
    """
    folder = home.resolve() / "kafka"
    run = [java(), *java_options, "-XX:+UseSerialGC", "-cp", f"{fetch(programs or folder)}/*"]
    broker = Broker(folder, port or free_port(), settings, run)
    broker.start()
    return broker


def local_port(kafka: Kafka) -> int:
    """Return the port of the address in the settings. Raises SettingsFault if that is not on this machine."""
    if not kafka.servers:
        return PORT
    host, _, number = kafka.servers[0].rpartition(":")
    if len(kafka.servers) > 1 or host not in (HOST, "localhost"):
        raise SettingsFault(
            f"PUJIANG_KAFKA is {','.join(kafka.servers)}, but a broker can only be started on this machine: give {HOST}:{PORT}"
        )
    return int(number)


def free_port() -> int:
    """Return a port of this machine that is free now."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        return port


def _answers(address: str) -> bool:
    """Return whether a broker serves there: whether it lists itself as part of its cluster."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        with KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=2000) as client:
            return bool(client.describe_cluster()["brokers"])
    except (OSError, KafkaError):
        return False


def _last(output: str) -> str:
    """Return the last error in the output of a program."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "ERROR" in line or "Exception" in line]
    return (errors or lines or ["it gave no reason"])[-1]


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Hold the lock on the folder; a child that inherits it keeps it. Raises KafkaFault if another process has it."""
    held = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not lock(held, within=LOCK_SECONDS):
            raise KafkaFault(f"another broker runs in {folder}")
        yield held
    finally:
        os.close(held)
