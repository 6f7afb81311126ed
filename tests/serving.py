"""A real `pujiang serve` for journeys: the process that an operator starts, on a data home of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

PUJIANG = Path(sys.executable).with_name("pujiang")
START_SECONDS = 60
STOP_SECONDS = 30


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which only the data home is set."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PUJIANG_")}
    inherited.pop("DATABASE_URL", None)
    return {**inherited, "PUJIANG_HOME": str(home)}


def plainly(address: str) -> httpx.Response:
    """Ask without TLS."""
    return httpx.get(f"http://{address}")


@contextmanager
def serving(
    environment_: Mapping[str, str], out: Path, get: Callable[[str], httpx.Response] = plainly
) -> Iterator[str]:
    """Serve on a free port and give `host:port`, once `get` is told that it is ready; what it says goes to `out`."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{found.getsockname()[1]}"
    with out.open("wb") as told:
        command = [str(PUJIANG), "serve", "--port", at.rpartition(":")[2]]
        server = subprocess.Popen(command, env=environment_, stdout=told, stderr=told)
    try:
        _await_ready(at, server, out, get)
        yield at
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)


def _await_ready(
    at: str, server: "subprocess.Popen[bytes]", out: Path, get: Callable[[str], httpx.Response]
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, out.read_text()
        try:
            if get(f"{at}/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"{at} was not ready within {START_SECONDS} s: {out.read_text()}")


def typed(commands: str, environment_: Mapping[str, str]) -> str:
    """Type commands into one shell, as a reader of the documents does, and return what they show."""
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", commands.replace(".venv/bin/", f"{PUJIANG.parent}/")],  # noqa: S607 - whichever shell a reader has
        cwd=Path(__file__).parent.parent,
        env=environment_,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
