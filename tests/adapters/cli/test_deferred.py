"""Commands are imported when they run, and the list says of each what it says of itself."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from inspect import getdoc
from pathlib import Path

import pytest

from adapters.cli.commands import COMMANDS, GROUPS
from adapters.cli.deferred import CommandEntry

ROOT = Path(__file__).parents[3]
ENTRIES = [*COMMANDS, *(each for group in GROUPS for each in group.entries)]

HELP = """
import sys
from adapters.cli import main

sys.argv = ["pujiang", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted({each.partition(".")[0] for each in sys.modules}), file=sys.stderr)
"""
HEAVY = {"faust", "httpx", "kafka", "psycopg", "starlette", "uvicorn"}


def helped(*arguments: str) -> tuple[str, set[str]]:
    """Ask for help; return it, and the packages that were imported for it."""
    done = subprocess.run(
        [sys.executable, "-c", HELP, *arguments, "--help"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout, set(done.stderr.split())


@pytest.mark.parametrize("under", ["", *(each.name for each in GROUPS)])
def test_help_imports_no_command(under: str) -> None:
    shown, imported = helped(*filter(None, [under]))
    entries = {"": COMMANDS, **{each.name: each.entries for each in GROUPS}}[under]
    assert [each.name for each in entries if f" {each.name} " not in shown] == []
    assert imported & HEAVY == set()
    assert "typer" in imported


def test_help_of_a_command_is_its_own() -> None:
    shown, imported = helped("simulate")
    assert "--people" in shown
    assert "Usage: pujiang simulate" in " ".join(shown.split())
    assert imported & HEAVY == set()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda each: f"{each.module}:{each.function}")
def test_the_list_says_of_a_command_what_it_says_of_itself(entry: CommandEntry) -> None:
    told = getdoc(getattr(import_module(entry.module), entry.function)) or ""
    assert " ".join(told.split()).startswith(entry.help)
