"""A full disk refuses with 503 and loses nothing; once there is space again, all goes on by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE
from tests.processes.publisher import Publisher
from tests.processes.server import environment, serving

MEGABYTE = 1024 * 1024
DISK, LEFT = 320 * MEGABYTE, MEGABYTE
BEFORE, ROUNDS, ROUND_SECONDS = 5, 40, 0.25
"""Long enough for the projector to be refused a few times too."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for the database's folder; only root can make one."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a small disk is mounted by root, on Linux")
    folder = tmp_path / "home" / "postgres"
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder],  # noqa: S607 - wherever it is
        capture_output=True,
        check=False,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607 - the same


def fill(ballast: Path) -> None:
    """Leave so little space that a few batches use it up."""
    found = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize - LEFT)


def test_a_full_disk_refuses_for_as_long_as_it_is_full_and_recovers(small_disk: Path, tmp_path: Path) -> None:
    home, publisher, ballast = tmp_path / "home", Publisher(9, people=600), small_disk / "ballast"
    with serving(environment(home), tmp_path / "out") as publisher.at:
        for _ in range(BEFORE):
            publisher.send(publisher.next())
        publisher.await_read()
        fill(ballast)
        part, refused = publisher.next(), 0
        while refused < ROUNDS:
            if publisher.post(part):  # there was, or came to be, a little room
                part = publisher.next()
                assert part, "the disk did not fill"
                continue
            refused += 1
            answer = httpx.get(f"http://{publisher.at}/persons?limit=1", timeout=PATIENCE)
            assert answer.is_success, answer.text
            time.sleep(ROUND_SECONDS)
        ballast.unlink()
        publisher.send(part)
        publisher.send(publisher.next())
        publisher.await_read()
    publisher.check(home)
