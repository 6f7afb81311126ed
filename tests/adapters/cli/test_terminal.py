"""Whatever a command prints, values that others have sent cannot steer the terminal: all commands print through this."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.table import Table

import adapters.cli
from adapters.cli.terminal import SafeConsole, fail, print_json, print_line

HOSTILE = "李\x1b[31m雷\x9b2J\u202e[bold]x[/bold]"
SHOWN = "李\\u001b[31m雷\\u009b2J\\u202e[bold]x[/bold]"


def test_a_table_shows_escapes_and_reads_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("value")
    table.add_row(HOSTILE)
    SafeConsole().print(table)
    SafeConsole().print(HOSTILE, soft_wrap=True)
    told = capsys.readouterr().out
    assert told.count(SHOWN) == 2
    assert "\x1b" not in told


def test_one_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_line(f"{HOSTILE}\nsound, 0 findings")
    print_json({"value": f"{HOSTILE}\n"})
    fail(f"{HOSTILE}\nall is well")
    told = capsys.readouterr()
    assert told.out.splitlines() == [f"{SHOWN}\\nsound, 0 findings", f'{{"value":"{SHOWN}\\n"}}']
    assert len(told.err.splitlines()) == 1


def test_commands_print_through_it_alone() -> None:
    """A signed note is printed byte for byte: it has been checked line by line when it was made."""
    folder = Path(adapters.cli.__file__).parent
    direct = re.compile(r"(?<!\.)\bprint\(|typer\.echo\(|Console\(|sys\.stdout\.write")
    found = {
        (each.name, line.strip())
        for each in folder.rglob("*.py")
        if each.name != "terminal.py"
        for line in each.read_text(encoding="utf-8").splitlines()
        if direct.search(line)
    }
    assert found == {
        ("app.py", "typer.echo(f\"pujiang {version('pujiang')}\")"),
        ("erasure.py", "typer.echo(str(note), nl=False)"),
    }
