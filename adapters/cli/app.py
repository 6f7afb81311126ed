"""The application: its own options, and the commands of all rooms."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from adapters.cli import end_at_once
from adapters.cli.ask.commands import ask
from adapters.cli.audit.commands import audit
from adapters.cli.command import LightGroup
from adapters.cli.operate.commands import operate
from adapters.cli.publish.commands import publish
from adapters.cli.run.commands import run as run_

PANELS = (run_, publish, ask, operate, audit)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - only this option needs it

        typer.echo(f"pujiang {version('pujiang')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
]


def application() -> typer.Typer:
    """Return the application."""
    app = typer.Typer(
        name="pujiang",
        cls=LightGroup,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(pujiang)
    for each in PANELS:
        app.add_typer(each.app)
    return app


def pujiang(*, version: Version = False) -> None:
    """Pujiang (浦江): one immutable log of a city's education, and everything that is derived from it."""


def run() -> None:
    """Run the command line; print a fault that the user can mend in one line, without a traceback."""
    try:
        application()()
    except Exception as error:
        from adapters.cli.faults import FAULTS  # noqa: PLC0415 - it imports all that can raise one
        from adapters.cli.terminal import fail  # noqa: PLC0415 - help has no use for it

        if not isinstance(error, FAULTS):
            raise
        sys.exit(fail(str(error)).exit_code)
    finally:
        signal.signal(signal.SIGINT, end_at_once)
