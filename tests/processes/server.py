"""A real `pujiang serve` for journeys: the process that an operator starts, on a data home of its own."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from tests.patience import PATIENCE

PUJIANG = Path(sys.executable).with_name("pujiang")
STOP_SECONDS = 30
PORTS = range(20_000, 30_000)
"""Below the ports that systems give to clients: a client that polls for the server must not occupy its port."""


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which only the data home is set."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PUJIANG_")}
    inherited.pop("DATABASE_URL", None)
    return {**inherited, "PUJIANG_HOME": str(home)}


def plainly(address: str) -> httpx.Response:
    """Send a request without TLS."""
    return httpx.get(f"http://{address}", timeout=PATIENCE)


def free_port() -> int:
    """Return a free port of this host."""
    chance = random.Random()
    while True:
        port = chance.choice(PORTS)
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port


@contextmanager
def serving(
    environment_: Mapping[str, str],
    out: Path,
    get: Callable[[str], httpx.Response] = plainly,
    program: Sequence[str | Path] = (PUJIANG,),
    more: Sequence[str] = (),
) -> Iterator[str]:
    """Serve on a free port and yield `host:port`, once `get` reports that it is ready; its output goes to `out`."""
    port = free_port()
    with out.open("wb") as printed:
        command = [*program, "serve", "--port", str(port), *more]
        server = subprocess.Popen(command, env=environment_, stdout=printed, stderr=printed)
    try:
        at = f"127.0.0.1:{port}"
        _await_ready(at, server, out, get)
        yield at
    finally:
        server.terminate()
        status = server.wait(STOP_SECONDS)
    assert status in {0, -signal.SIGKILL}, out.read_text()


def _await_ready(
    at: str, server: "subprocess.Popen[bytes]", out: Path, get: Callable[[str], httpx.Response]
) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, out.read_text()
        try:
            if get(f"{at}/ready").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{at} was not ready within {PATIENCE} s: {out.read_text()}")


def interrupt(served: "subprocess.Popen[bytes]") -> None:
    """Press Ctrl-C: a terminal sends SIGINT to every process of the group."""
    os.killpg(served.pid, signal.SIGINT)


def terminate(served: "subprocess.Popen[bytes]") -> None:
    """Terminate the server as a service manager or `kill` does."""
    served.terminate()


def left(home: Path) -> Iterator[str]:
    """Yield the processes that still work on this data home."""
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            if each.cwd().startswith(str(home)) or each.environ().get("PUJIANG_HOME") == str(home):
                yield f"{each.pid} {' '.join(each.cmdline())}"


def typed(commands: str, environment_: Mapping[str, str]) -> str:
    """Type commands into one shell, as a reader of the documentation does, and return their output."""
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", commands.replace(".venv/bin/", f"{PUJIANG.parent}/")],  # noqa: S607 - whichever shell a reader has
        cwd=Path(__file__).parents[2],
        env=environment_,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
