"""The application: what help imports and costs, and that each command is declared as it runs."""

from __future__ import annotations

import inspect
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from adapters.cli.app import application
from adapters.upstream import city
from tests.processes.server import PUJIANG, environment

ROOT = Path(__file__).parents[3]
CPU_SECONDS = 1.2
"""Four times what help may take on a machine that does nothing else (it takes 0.2 s to 0.3 s)."""
HEAVY = {
    "aiokafka",
    "cryptography",
    "domain",
    "events",
    "faust",
    "httpx",
    "kafka",
    "msgspec",
    "projections",
    "psycopg",
} | {"pydantic", "starlette", "streams", "structlog", "uvicorn"}

HELP = """
import sys
from typer.main import get_command
from adapters.cli.app import application

def show(group, path):
    for name, each in getattr(group, "commands", {"": None}).items():
        if each is not None:
            show(each, [*path, name])
    try:
        top.main([*path, "--help"], prog_name="pujiang")
    except SystemExit:
        pass

top = get_command(application())
show(top, [])
print(*sys.modules, file=sys.stderr)
"""


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield all commands, each with the words that call it."""
    for name, each in group.commands.items():
        if hasattr(each, "commands"):
            yield from commands(each, (*path, name))
        else:
            yield (*path, name), each


COMMANDS = dict(commands(get_command(application())))


def typed(*arguments: str, **env: str) -> tuple[int, str]:
    done = CliRunner().invoke(application(), arguments, env={"COLUMNS": "200", **env})
    return done.exit_code, done.output


def test_help_imports_neither_a_server_nor_a_client_nor_a_city() -> None:
    """That of each command, and of each group, in one process."""
    done = subprocess.run([sys.executable, "-c", HELP], cwd=ROOT, capture_output=True, check=True, text=True)
    assert [path for path in COMMANDS if f"Usage: pujiang {' '.join(path)} " not in done.stdout] == []
    imported = set(done.stderr.split())
    ours = {each for each in imported if each.startswith("adapters.")}
    assert [each for each in ours if not each.startswith(("adapters.cli", "adapters.process"))] == []
    assert {"adapters.cli.terminal", "adapters.cli.settings"} & ours == set()
    assert {each.partition(".")[0] for each in imported} & HEAVY == set()


@pytest.mark.parametrize("arguments", [("--help",), ("serve", "--help")], ids=" ".join)
def test_help_is_quick(arguments: tuple[str, ...]) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([PUJIANG, *arguments], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < CPU_SECONDS


def test_commands_are_grouped_by_who_uses_them() -> None:
    status, told = typed("-h")
    titles = re.findall(r"╭─ (\w+) ─", told)
    assert (status, titles) == (0, ["Options", "Run", "Publish", "Ask", "Operate", "Audit"])
    assert told.strip() == typed("--help")[1].strip() == typed()[1].strip()


def test_the_version_is_told() -> None:
    assert typed("--version") == (0, "pujiang 0.1.0\n")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_is_declared_as_it_runs(path: tuple[str, ...]) -> None:
    module, _, function = COMMANDS[path].work.partition(":")
    declared = inspect.unwrap(COMMANDS[path].callback)
    assert get_type_hints(getattr(import_module(module), function)) == get_type_hints(declared)


def test_the_city_that_is_simulated_is_the_sample_city() -> None:
    defaults = {each.name: each.default for each in COMMANDS[("simulate",)].params}
    assert (defaults["people"], defaults["seed"]) == (city.PEOPLE, city.SEED)


def test_help_tells_every_setting_with_its_environment_variable() -> None:
    sources = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "adapters").rglob("settings.py"))
    named = set(re.findall(r'"(PUJIANG_[A-Z_]+|DATABASE_URL)"', sources))
    told = "".join(typed(*path, "-h")[1] for path in (("serve",), ("cluster",)))
    assert named
    assert [each for each in named if not re.search(rf"\b{each}\b", told)] == []


def test_a_setting_is_an_option_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUJIANG_HOME", "/nowhere")
    monkeypatch.setenv("DATABASE_URL", "")
    status, told = typed("status", "--home", str(tmp_path))
    assert (status, told) == (
        1,
        f"pujiang: there is no log in {tmp_path}: see PUJIANG_HOME, or start `pujiang serve` first\n",
    )


def test_the_shell_completes_commands_and_read_models(tmp_path: Path) -> None:
    def completed(line: str) -> list[str]:
        env = {"_PUJIANG_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        done = subprocess.run(
            [PUJIANG], env={**environment(tmp_path), **env}, capture_output=True, check=True, text=True
        )
        return done.stdout.split()

    assert completed("pujiang s") == ["serve", "simulate", "status"]
    assert completed("pujiang explain schools-") == completed("pujiang rebuild schools-")
    assert "schools" in completed("pujiang explain scho")
