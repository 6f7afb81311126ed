"""All commands, in the order in which help lists them."""

from __future__ import annotations

import typer

from adapters.cli.fold import rebuild, replay, retry
from adapters.cli.kafka import kafka
from adapters.cli.look import explain, history, status
from adapters.cli.publish import import_oulad, publish
from adapters.cli.refused import list_
from adapters.cli.refused import retry as retry_refused
from adapters.cli.serve import serve
from adapters.cli.simulate import simulate
from adapters.cli.topics import apply, plan


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (serve, publish, simulate, history, explain, replay, rebuild, retry, status, kafka):
        app.command()(command)
    importing = typer.Typer(no_args_is_help=True)
    importing.command("oulad")(import_oulad)
    app.add_typer(importing, name="import", help="Import data sets of other systems.")
    topics = typer.Typer(no_args_is_help=True)
    for command in (plan, apply):
        topics.command()(command)
    refused = typer.Typer(no_args_is_help=True)
    refused.command("list")(list_)
    refused.command("retry")(retry_refused)
    app.add_typer(refused, name="refused", help="Messages of the inbox that were refused.")
    app.add_typer(topics, name="topics", help="The topics of the message bus, as declared and as they are.")
