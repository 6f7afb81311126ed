"""The entry point of the command line."""

from __future__ import annotations

import signal
import sys

import typer

from adapters.cli import commands
from adapters.cli.terminal import fail
from adapters.process import logging


def run() -> None:
    """Run the command line; print a fault that the user can mend in one line, without a traceback."""
    logging.configure()
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # SIGTERM ends a command in order, as Ctrl-C does
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
