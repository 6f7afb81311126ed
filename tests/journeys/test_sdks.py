"""Events of the official SDKs of JavaScript, Go and Java come in as they were sent, in both modes of HTTP."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.patience import PATIENCE

SDKS = Path(__file__).parent / "sdks"
FETCH_SECONDS = 600
MODES = ("binary", "structured")
ANY = '学 1+1 "é"'
"""What an attribute may have and a header may not. A bare `%`, which none of them encodes, is refused."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(SDKS, tmp_path / "sdks")


def fetch(folder: Path, *command: str) -> None:
    """Fetch an SDK with the tool of its language; the test is skipped if there is no such tool."""
    if not shutil.which(command[0]):
        pytest.skip(f"there is no {command[0]} on this machine")
    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=FETCH_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr


def made(language: str, mode: str, attribute: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{attribute} {mode}",
        "source": f"urn:test:{language}",
        "type": "roll.SchoolRegistered",
        "time": "2024-09-01T08:00:00+08:00",
        "datacontenttype": "application/json",
        "correlationid": f"{attribute} {language}",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "data": {
            "school": f"{language}-{mode}",
            "name": "第一小学 é",
            "district": "310115",
            "stages": ["primary"],
        },
    }


def check(at: str, folder: Path, language: str, *command: str, attribute: str = ANY) -> None:
    """Send an event in each mode; compare those that `/events` gives with them."""
    events = [made(language, mode, attribute) for mode in MODES]
    for mode, event in zip(MODES, events, strict=True):
        done = subprocess.run(
            [*command, f"http://{at}/events", mode],
            input=json.dumps(event, ensure_ascii=False),
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    answer = httpx.get(f"http://{at}/events", params={"source": f"urn:test:{language}"}, timeout=PATIENCE)
    given = answer.raise_for_status().json()["items"]
    assert [_comparable(each) for each in given] == [_comparable(each) for each in events]


def _comparable(event: dict[str, Any]) -> dict[str, Any]:
    sent = {name: event[name] for name in made("", "", "")}
    return sent | {"time": datetime.fromisoformat(event["time"])}


def test_javascript(at: str, folder: Path) -> None:
    fetch(folder, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
    # Node.js refuses anything else in a header, and the SDK does not encode it.
    check(at, folder, "javascript", "node", "send.mjs", attribute='1+1 "a"')


def test_go(at: str, folder: Path) -> None:
    fetch(folder, "go", "build", "-o", "send")
    check(at, folder, "go", "./send")


def test_java(at: str, folder: Path) -> None:
    fetch(folder, "mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies", "-DoutputDirectory=jars")
    check(at, folder, "java", "java", "-Dfile.encoding=UTF-8", "-cp", "jars/*", "Send.java")
