"""The terminal: what a command prints, its progress, its errors in one line, and the signals that stop it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from adapters.process.printable import printable


class SafeConsole(Console):
    """A console on which no value that others have sent can steer the terminal, nor be read as markup."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, highlight=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return text to print: each string, in a table too, comes through here."""
        return super().render_str(printable(text, kept="\n"), **options)


console = SafeConsole()
errors = SafeConsole(stderr=True)


def print_line(text: object) -> None:
    """Print one line as it is, without wrapping it. A value in it cannot make a second one."""
    typer.echo(printable(str(text)))


def print_json(value: object) -> None:
    """Print one line of JSON."""
    print_line(msgspec.json.encode(value).decode())


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[tuple[Progress, TaskID]]:
    """Show a progress bar on standard error, if it is a terminal; give it and its task. It ends full."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        disable=not errors.is_terminal,
    ) as bar:
        task = bar.add_task(title, total=total)
        yield bar, task
        bar.update(task, total=bar.tasks[task].completed)


def fail(sentence: str, status: int = 1) -> typer.Exit:
    """Print an error in one line; return the exit for the caller to raise."""
    errors.print(printable(f"pujiang: {sentence}"), style="red", soft_wrap=True)
    return typer.Exit(status)


def stop_signal(also: Callable[[], None] = lambda: None) -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set from now on; each of them calls `also`, too."""
    stop = threading.Event()

    def handle(_number: int, _frame: object) -> None:
        stop.set()
        also()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    return stop


def to_seconds(when: datetime | str) -> str:
    """Return a time to the second, in UTC."""
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    return f"{at:%Y-%m-%d %H:%M:%SZ}"
