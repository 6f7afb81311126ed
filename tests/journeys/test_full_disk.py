"""A full disk refuses with 503 and loses nothing; once there is space again, publishing goes on by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import httpx
import pytest

from adapters.upstream import lines
from adapters.upstream.city import city
from tests.serving import environment, serving

MEGABYTE = 1024 * 1024
DISK, LEFT, BATCH, SECONDS = 320 * MEGABYTE, MEGABYTE, 200, 40
TYPE = {"content-type": "application/cloudevents-batch+json"}


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


def test_a_full_disk_refuses_and_recovers(small_disk: Path, tmp_path: Path) -> None:
    walking, acknowledged, refused = lines(city(600, 9)), 0, False
    ballast = small_disk / "ballast"
    with (
        serving(environment(tmp_path / "home"), tmp_path / "out") as at,
        httpx.Client(base_url=f"http://{at}", timeout=30) as client,
    ):
        deadline = time.monotonic() + SECONDS
        while part := list(islice(walking, BATCH)):
            while True:
                assert time.monotonic() < deadline, (tmp_path / "out").read_text()[-4000:]
                answer = client.post("/events", content=b"[" + b",".join(part) + b"]", headers=TYPE)
                if answer.is_success:
                    break
                assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
                assert int(answer.headers["retry-after"]) > 0
                refused = True
                ballast.unlink(missing_ok=True)
                time.sleep(0.2)
            verdicts = answer.json()["verdicts"]
            assert {each["verdict"] for each in verdicts} <= {"recorded", "repeated"}
            assert [each["position"] for each in verdicts] == list(
                range(acknowledged + 1, acknowledged + len(part) + 1)
            )
            acknowledged += len(part)
            if not refused and not ballast.exists():
                fill(ballast)
        assert refused
        ready = client.get(f"/persons?limit=1&wait_for={acknowledged}")
        assert ready.is_success, ready.text
