"""The entry point of the command line."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

import typer

from adapters.cli import commands
from adapters.cli.terminal import fail
from adapters.process import logging
from adapters.process.terminated import Terminated


def _terminate(_number: int, _frame: object) -> NoReturn:
    """End the command in order, as Ctrl-C does, with the status of a process that SIGTERM has ended."""
    raise Terminated


def run() -> None:
    """Run the command line; print a fault that the user can mend in one line, without a traceback."""
    logging.configure()
    signal.signal(signal.SIGTERM, _terminate)
    app = typer.Typer(
        name="pujiang",
        help="Pujiang (浦江): one immutable log of a city's education, and everything that is derived from it.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    commands.register(app)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from adapters.cli.faults import FAULTS  # noqa: PLC0415 - it imports all that can raise one

        if not isinstance(error, FAULTS):
            raise
        sys.exit(fail(str(error)).exit_code)
