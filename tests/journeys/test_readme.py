"""The tours of the READMEs are run as they stand: what they tell to type works, and shows what they show."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent.parent
PUJIANG = Path(sys.executable).with_name("pujiang")
START_SECONDS = 60
STEP = re.compile(r"^```sh tour\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
GAP = "…"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PUJIANG_")}
    inherited.pop("DATABASE_URL", None)
    return {**inherited, "PUJIANG_HOME": str(tmp_path / "home")}


@pytest.fixture
def served(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """A system with an empty log, on a free port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with (tmp_path / "out").open("wb") as out:
        server = subprocess.Popen(
            [PUJIANG, "serve", "--port", str(port)], env=environment, stdout=out, stderr=out
        )
    try:
        _await_ready(f"http://127.0.0.1:{port}", server, tmp_path / "out")
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _await_ready(url: str, server: "subprocess.Popen[bytes]", out: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, out.read_text()
        try:
            if httpx.get(f"{url}/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{url} was not ready within {START_SECONDS} s: {out.read_text()}")


@pytest.mark.skipif(
    not shutil.which("bash") or not shutil.which("curl"), reason="the tour is typed in a shell"
)
@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_tour_works_and_shows_what_it_says(name: str, served: str, environment: dict[str, str]) -> None:
    steps = STEP.findall((ROOT / name).read_text(encoding="utf-8"))
    assert steps
    # One shell, as a reader has.
    script = "\n".join(f"{_commands(step, served)}\nprintf '\\0'" for step, _ in steps)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],  # noqa: S607 - whichever shell a reader has
        env=environment,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    for (step, shown), told in zip(steps, done.stdout.split("\0"), strict=False):
        for line in shown.splitlines():
            wanted = ".*".join(map(re.escape, line.split(GAP)))
            assert re.search(wanted, told), f"{step}\ntold:\n{told}\nnot:\n{line}"


def _commands(step: str, served: str) -> str:
    return step.replace("127.0.0.1:8000", served).replace(".venv/bin/pujiang", str(PUJIANG))


def test_both_tours_type_the_same() -> None:
    english, chinese = (
        [
            re.sub(r'"name": "[^"]*"', '"name": ""', step)
            for step, _ in STEP.findall((ROOT / name).read_text())
        ]
        for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese
