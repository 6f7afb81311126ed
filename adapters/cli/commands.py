"""All commands, in the order in which help lists them."""

from __future__ import annotations

import typer

from adapters.cli.backup import backup, new_log_id, restore
from adapters.cli.fold import rebuild, retry
from adapters.cli.look import explain, history, status
from adapters.cli.publish import import_oulad, publish
from adapters.cli.replay import replay
from adapters.cli.serve import serve
from adapters.cli.simulate import simulate


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    looking = (history, explain, replay, rebuild, retry, status)
    for command in (serve, publish, simulate, *looking, backup, restore, new_log_id):
        app.command()(command)
    importing = typer.Typer(no_args_is_help=True)
    importing.command("oulad")(import_oulad)
    app.add_typer(importing, name="import", help="Import data sets of other systems.")
