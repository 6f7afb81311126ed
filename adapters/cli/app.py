"""The command line: one application, errors in one line, progress for what takes long."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from adapters.run.settings import Settings, read_settings

console = Console()
errors = Console(stderr=True)

app = typer.Typer(
    name="pujiang",
    help="Pujiang (浦江): one immutable log of a city's education, and everything derived from it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def settings() -> Settings:
    """Return the settings from the environment."""
    return read_settings()


def existing() -> Settings:
    """Return the settings; fail where they name a data home without a log, rather than begin one there."""
    found = read_settings()
    if not found.database_url and not (found.home / "postgres" / "data").exists():
        raise fail(f"there is no log in {found.home}: see PUJIANG_HOME, or start `pujiang serve` first")
    return found


def told_to_stop(also: Callable[[], None] = lambda: None) -> threading.Event:
    """Return the event that Ctrl-C and SIGTERM set from now on; what is to be done `also` is done then."""
    stop = threading.Event()

    def told(_number: int, _frame: object) -> None:
        stop.set()
        also()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    return stop


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
    """Tell an error in one line; return the exit that the caller raises."""
    errors.print(f"pujiang: {sentence}", style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(status)
