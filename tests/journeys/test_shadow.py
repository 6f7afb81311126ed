"""A row that is changed by hand while `pujiang serve` runs is found by its shadow check, and told."""

import subprocess
import time
from pathlib import Path

import httpx
import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from adapters.embedded import server
from tests.patience import PATIENCE
from tests.processes.server import PUJIANG, environment, serving


def school(number: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": f"school-{number}",
        "source": "/test",
        "type": "roll.SchoolRegistered",
        "time": "2024-09-01T08:00:00Z",
        "data": {"school": f"s-{number}", "name": "School", "district": "310101", "stages": ["primary"]},
    }


def figures(at: str) -> dict[str, float]:
    lines = httpx.get(f"http://{at}/metrics", timeout=PATIENCE).text.splitlines()
    told = (line.split() for line in lines if line.startswith("pujiang_shadow_"))
    return {name.removeprefix("pujiang_shadow_"): float(value) for name, value in told}


def awaited(at: str, rounds_after: float, differing: int) -> None:
    """Wait until a round that ended later has told so many rows that differ."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = figures(at)
        if found["round_ended_seconds"] > rounds_after and found["differing_rows"] == differing:
            return
        time.sleep(0.2)
    raise TimeoutError(f"{figures(at)}")


def test_a_row_changed_by_hand_is_found_while_serving_and_others_are_not(tmp_path: Path) -> None:
    home = environment(tmp_path)
    with serving({**home, "PUJIANG_SHADOW_PERCENT": "50"}, tmp_path / "out") as at:
        events = [school(each) for each in range(30)]
        headers = {"content-type": "application/cloudevents-batch+json"}
        httpx.post(f"http://{at}/events", json=events, headers=headers, timeout=PATIENCE).raise_for_status()
        awaited(at, 0, 0)
        with psycopg.connect(server.start(tmp_path).url, autocommit=True) as connection:
            (table,) = connection.execute(
                "SELECT table_name FROM read.models WHERE name = 'schools'"
            ).fetchone() or ("",)
            connection.execute(
                SQL("UPDATE {} SET district = '310104' WHERE school = 's-7'").format(
                    Identifier("read", table)
                )
            )
        awaited(at, figures(at)["round_ended_seconds"], 1)
    out = subprocess.run([PUJIANG, "status", "--json"], env=home, capture_output=True, check=True)
    shadow = msgspec.json.decode(out.stdout)["shadow"]
    assert shadow["differing"] == [{"model": "schools", "key": ["s-7"]}]
    assert (tmp_path / "out").read_text().count("row-differs") == 1
