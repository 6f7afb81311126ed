"""The restore drill of docs/operations.md, typed as it stands: log and keys come back, under a new id."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.patience import PATIENCE
from tests.processes.server import PUJIANG, environment, serving, typed

OPERATIONS = Path(__file__).parent.parent.parent / "docs" / "operations.md"
DRILL = re.compile(r"^```sh drill\n(.*?)^```\n", re.MULTILINE | re.DOTALL)

PERSON: dict[str, Any] = {
    "specversion": "1.0",
    "source": "urn:test:drill",
    "id": "1",
    "type": "identity.PersonRegistered",
    "time": "2024-09-01T08:00:00+08:00",
    "data": {"person": "p-drill", "name": "李雷"},
}


def publish(at: str, event: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.post(
        f"http://{at}/events",
        json=event,
        headers={"content-type": "application/cloudevents+json"},
        timeout=PATIENCE,
    )
    told: dict[str, Any] = answer.json()
    return told


def person(at: str) -> httpx.Response:
    return httpx.get(f"http://{at}/persons/p-drill?wait_for=1&fields=name,status", timeout=PATIENCE)


def refused(environment_: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [PUJIANG, *arguments], env=environment_, capture_output=True, check=False, text=True
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    return done.stderr


@pytest.mark.skipif(not shutil.which("bash"), reason="the drill is typed in bash")
def test_what_was_backed_up_comes_back_under_a_new_id(tmp_path: Path) -> None:
    backup, restore = DRILL.findall(OPERATIONS.read_text(encoding="utf-8"))
    folders = {name: str(tmp_path / name.lower()) for name in ("LOG_BACKUP", "KEYS_BACKUP", "RESTORED")}
    drilled = environment(tmp_path / "home") | folders
    with serving(environment(tmp_path / "home"), tmp_path / "out") as at:
        assert publish(at, PERSON) == {"verdict": "recorded", "position": 1}
        before = person(at)
        assert "at least to position 1" in typed(backup, drilled)
        assert "the log is open" in refused(drilled, "new-log-id")
        assert "is not empty" in refused(drilled, "backup", folders["LOG_BACKUP"], folders["KEYS_BACKUP"])
        publish(at, PERSON | {"id": "2", "data": {"person": "p-late", "name": "韩梅梅"}})

    told = typed(restore, drilled)
    assert "is restored to position 1, and is now" in told
    assert "0 rows differ" in told
    again = refused(drilled, "restore", folders["LOG_BACKUP"], folders["KEYS_BACKUP"])
    assert "restore into an empty data home" in again
    with serving(environment(Path(folders["RESTORED"])), tmp_path / "restored-out") as at:
        after = person(at)
        assert after.json() == before.json()
        assert after.json()["name"] == "李雷"
        assert after.headers["etag"] != before.headers["etag"]
        assert publish(at, PERSON) == {"verdict": "repeated", "position": 1}
        new = publish(at, PERSON | {"id": "3", "data": {"person": "p-new", "name": "王芳"}})
        assert new["verdict"] == "recorded"
