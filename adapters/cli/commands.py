"""All commands, in the order in which help lists them."""

from __future__ import annotations

import typer

from adapters.cli import audit
from adapters.cli.audit_coverage import coverage
from adapters.cli.backup import backup, new_log_id, restore
from adapters.cli.cluster import cluster
from adapters.cli.erasure import certificate, check_certificate
from adapters.cli.explain import explain
from adapters.cli.fold import rebuild, retry
from adapters.cli.history import history
from adapters.cli.inbox import inbox
from adapters.cli.kafka import kafka
from adapters.cli.keys import rotate, rotate_kek, show
from adapters.cli.publish import import_oulad, publish
from adapters.cli.refused import list_
from adapters.cli.refused import retry as retry_refused
from adapters.cli.relay import relay
from adapters.cli.replay import replay
from adapters.cli.serve import serve
from adapters.cli.simulate import simulate
from adapters.cli.status import status
from adapters.cli.topics import apply, plan
from adapters.cli.verify import verify, verify_receipt
from adapters.cli.worker import worker


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    looking = (history, explain, replay, verify, rebuild, retry, status)
    running = (relay, inbox, worker, kafka, cluster)
    for command in (serve, publish, simulate, *looking, backup, restore, new_log_id, *running):
        app.command()(command)
    app.command("verify-receipt")(verify_receipt)
    auditing = typer.Typer(no_args_is_help=True)
    auditing.command("export")(audit.export)
    auditing.command("check")(audit.check)
    auditing.command()(coverage)
    app.add_typer(
        auditing, name="audit", help="A part of the log in one file, and what this system states of its work."
    )
    importing = typer.Typer(no_args_is_help=True)
    importing.command("oulad")(import_oulad)
    app.add_typer(importing, name="import", help="Import data sets of other systems.")
    erasure = typer.Typer(no_args_is_help=True)
    erasure.command("certificate")(certificate)
    erasure.command("check")(check_certificate)
    app.add_typer(erasure, name="erasure", help="What of an erased person can be read no more, signed.")
    keys = typer.Typer(no_args_is_help=True)
    keys.command("show")(show)
    keys.command("rotate")(rotate)
    keys.command("rotate-kek")(rotate_kek)
    app.add_typer(
        keys, name="keys", help="The keys that checkpoints are verified by, and the one that wraps all keys."
    )
    topics = typer.Typer(no_args_is_help=True)
    for command in (plan, apply):
        topics.command()(command)
    refused = typer.Typer(no_args_is_help=True)
    refused.command("list")(list_)
    refused.command("retry")(retry_refused)
    app.add_typer(refused, name="refused", help="Messages of the inbox that were refused.")
    app.add_typer(topics, name="topics", help="The topics of the message bus, as declared and as they are.")
