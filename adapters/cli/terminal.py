"""The terminal: what a command prints, its progress, its errors in one line, and the signals that stop it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

console = Console()
errors = Console(stderr=True)


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[tuple[Progress, TaskID]]:
    """Show a progress bar on standard error; give it and its task."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
    ) as bar:
        yield bar, bar.add_task(title, total=total)


def fail(sentence: str, status: int = 1) -> typer.Exit:
    """Print an error in one line; return the exit for the caller to raise."""
    errors.print(f"pujiang: {sentence}", style="red", markup=False, highlight=False, soft_wrap=True)
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
