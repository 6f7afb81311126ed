"""Ctrl-C while a command starts: it ends with status 130, without a traceback, and leaves nothing behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.processes.server import environment, interrupt, left

STARTED = """
import signal, adapters.cli
signal.signal(signal.SIGINT, adapters.cli.end_at_once)
print(flush=True)
adapters.cli.main()
"""
"""The command line, which says when its first line has run: before that, Python itself handles Ctrl-C."""

Moment = Callable[[Path], bool]


def amid_imports(_: Path) -> bool:
    return True


def amid_the_database(home: Path) -> bool:
    return (home / "postgres").exists()


def interrupted(arguments: Sequence[str], home: Path, moment: Moment) -> tuple[int, str]:
    """Type a command, press Ctrl-C at a moment, and return its status and errors."""
    typed = subprocess.Popen(
        [sys.executable, "-c", STARTED, *arguments],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert typed.stdout
    typed.stdout.readline()
    deadline = time.monotonic() + PATIENCE
    while not moment(home):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    interrupt(typed)
    _, errors = typed.communicate(timeout=PATIENCE)
    return typed.returncode, errors.decode()


@pytest.mark.parametrize("moment", [amid_imports, amid_the_database])
@pytest.mark.parametrize("command", ["serve", "cluster"])
def test_a_server_that_starts(command: str, moment: Moment, tmp_path: Path) -> None:
    status, errors = interrupted([command, "--port", "0"], tmp_path, moment)
    assert status == 130, errors
    assert "Traceback" not in errors
    assert list(left(tmp_path)) == []


def test_a_publisher_that_waits_for_an_answer(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"id": "1"}\n')
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        taken: list[socket.socket] = []

        def connected(_: Path) -> bool:
            taken.append(silent.accept()[0])
            return True

        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        status, errors = interrupted(
            ["publish", str(tmp_path / "events.jsonl"), "--url", url], tmp_path, connected
        )
        taken[0].close()
    assert (status, errors) == (130, f"publishing to {url}\n")
