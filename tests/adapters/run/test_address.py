"""The address of the server of a data home, as commands find it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.run.address import address_of, local, published

ROOT = Path(__file__).parents[3]
OWNER = """
import sys, time
from pathlib import Path
from adapters.run.address import published
with published(Path(sys.argv[1]), "http://127.0.0.1:1"):
    print("there", flush=True)
    time.sleep(600)
"""


def test_it_stands_there_while_the_server_runs(tmp_path: Path) -> None:
    assert address_of(tmp_path) is None
    home = tmp_path / "home"
    with published(home, "http://127.0.0.1:81234"):
        assert address_of(home) == "http://127.0.0.1:81234"
    assert address_of(home) is None
    with published(home, "http://127.0.0.1:1"):
        assert address_of(home) == "http://127.0.0.1:1"


def test_the_first_server_of_a_home_is_the_one_that_is_found(tmp_path: Path) -> None:
    with published(tmp_path, "http://127.0.0.1:1"):
        with published(tmp_path, "http://127.0.0.1:2"):
            assert address_of(tmp_path) == "http://127.0.0.1:1"
        assert address_of(tmp_path) == "http://127.0.0.1:1"


def test_the_address_of_a_server_that_was_killed_counts_no_more(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, tmp_path],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "there\n"
    assert address_of(tmp_path) == "http://127.0.0.1:1"
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    assert address_of(tmp_path) is None


@pytest.mark.parametrize(
    "host, found",
    [
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("0.0.0.0", "http://127.0.0.1:1"),  # noqa: S104 - it is what a setting says
        ("[::]", "http://[::1]:1"),
        ("[::1]", "http://[::1]:1"),
        ("localhost", "http://localhost:1"),
    ],
)
def test_this_machine_reaches_it(host: str, found: str) -> None:
    assert local("http", host, 1) == found
