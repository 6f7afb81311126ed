"""`pujiang audit coverage` on what `pujiang serve` has stated, killed between a statement and what follows it."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from adapters.embedded import server as embedded
from tests.patience import PATIENCE
from tests.processes.kill_points import ask
from tests.processes.publisher import Publisher
from tests.processes.server import PUJIANG, environment, serving

KILLED = (sys.executable, "-m", "tests.processes.kill_points")


def pujiang(home: Mapping[str, str], *arguments: str, status: int = 0) -> list[dict[str, Any]]:
    done = subprocess.run(
        [PUJIANG, *arguments], env=home, capture_output=True, check=False, encoding="utf-8", timeout=PATIENCE
    )
    assert done.returncode == status, done.stdout + done.stderr
    return [msgspec.json.decode(line) for line in done.stdout.splitlines() if line.startswith("{")]


def awaited(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def asked(url: str, query: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        (found,) = connection.execute(query.encode()).fetchone() or (0,)
    return int(found)


def test_what_was_folded_is_stated_once_though_killed_and_a_gap_is_told(tmp_path: Path) -> None:
    home, publisher = environment(tmp_path) | {"PUJIANG_STATEMENT_SECONDS": "1"}, Publisher(5)
    with serving(home, tmp_path / "out-1", program=KILLED) as publisher.at:
        publisher.send(publisher.next())
        publisher.await_read()
        death = ask(tmp_path, "stated", "process")
        pujiang(home, "rebuild", "schools", "persons")
        awaited(lambda: not death.exists())
    with serving(home, tmp_path / "out-2") as publisher.at, embedded.start(tmp_path) as server:
        awaited(lambda: not asked(server.url, "SELECT count(*) FROM read.outbox"))
        rebuilt = pujiang(home, "history", "--type", "audit.ReadModelsRebuilt", "--json")
        assert len(rebuilt) == 1
        (release,) = pujiang(home, "history", "--type", "audit.ReleaseTaken", "--json")
        publisher.send(publisher.next())
        publisher.await_read()
        head = max(publisher.acknowledged.values())
        told = "SELECT max(position) FROM log.entries"
        awaited(lambda: asked(server.url, told) > head)
        covered = pujiang(home, "audit", "coverage", "--json")
        assert all(each["upto"] >= head and not each["gaps"] and not each["held"] for each in covered)
        assert {each["model"] for each in covered} == {each["model"] for each in release["data"]["models"]}
        # What lies between is skipped by hand, and the projector goes on behind it.
        asked(
            server.url,
            "UPDATE read.bookmarks SET position = position + 1 WHERE model = 'schools' RETURNING 1",
        )
        publisher.send(publisher.next())
        publisher.await_read()
        head = max(publisher.acknowledged.values())
        awaited(lambda: asked(server.url, told) > head)
    gaps = {each["model"]: each["gaps"] for each in pujiang(home, "audit", "coverage", "--json", status=1)}
    assert [name for name, found in gaps.items() if found] == ["schools"]
