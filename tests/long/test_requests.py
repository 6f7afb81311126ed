"""A million mutated requests to a real server: no fault, nothing lost or doubled, no memory that stays taken."""

from __future__ import annotations

import asyncio
import logging
import os
from itertools import islice
from pathlib import Path

import psutil
import pytest

from adapters.upstream import lines
from adapters.upstream.city import city
from tests.hostile import attack
from tests.processes.server import environment, serving

REQUESTS = int(os.environ.get("PUJIANG_LONG_REQUESTS", "1000000"))
PARTS = 10
log = logging.getLogger(__name__)
MOST_GROWTH = 1.2
"""The memory after the last part, as a multiple of that after the first."""


@pytest.mark.long
@pytest.mark.timeout(0)
def test_mutated_requests_leave_a_server_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, memory = list(islice(lines(city(100, 5)), 5000)), list[int]()
    with serving(environment(tmp_path / "home"), tmp_path / "out") as at:
        port = int(at.rpartition(":")[2])
        (served,) = (each for each in psutil.Process().children() if "serve" in each.cmdline())
        for part in range(PARTS):
            statuses = asyncio.run(attack(port, part, REQUESTS // PARTS, events))
            memory.append(served.memory_info().rss >> 20)
            log.info("%d of %d: %d MiB, %s", part + 1, PARTS, memory[-1], dict(sorted(statuses.items())))
    assert memory[-1] < memory[0] * MOST_GROWTH, memory
    assert "Traceback" not in (tmp_path / "out").read_text()
