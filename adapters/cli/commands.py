"""All commands, in the order in which help lists them."""

from __future__ import annotations

import typer

from adapters.cli.audit_coverage import coverage
from adapters.cli.backup import backup, new_log_id, restore
from adapters.cli.fold import rebuild, retry
from adapters.cli.kafka import kafka
from adapters.cli.keys import rotate, show
from adapters.cli.look import explain, history, status
from adapters.cli.publish import import_oulad, publish
from adapters.cli.relay import relay
from adapters.cli.replay import replay
from adapters.cli.serve import serve
from adapters.cli.simulate import simulate
from adapters.cli.topics import apply, plan
from adapters.cli.verify import verify, verify_receipt


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    looking = (history, explain, replay, verify, rebuild, retry, status)
    for command in (serve, publish, simulate, *looking, backup, restore, new_log_id, relay, kafka):
        app.command()(command)
    app.command("verify-receipt")(verify_receipt)
    auditing = typer.Typer(no_args_is_help=True)
    auditing.command("coverage")(coverage)
    app.add_typer(auditing, name="audit", help="Check again what this system has stated of its work.")
    importing = typer.Typer(no_args_is_help=True)
    importing.command("oulad")(import_oulad)
    app.add_typer(importing, name="import", help="Import data sets of other systems.")
    keys = typer.Typer(no_args_is_help=True)
    keys.command("show")(show)
    keys.command("rotate")(rotate)
    app.add_typer(keys, name="keys", help="The keys by which this log's checkpoints are verified.")
    topics = typer.Typer(no_args_is_help=True)
    for command in (plan, apply):
        topics.command()(command)
    app.add_typer(topics, name="topics", help="The topics of the message bus, as declared and as they are.")
