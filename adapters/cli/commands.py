"""All commands, in the order in which help lists them. A test compares each sentence with its function's."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from msgspec import Struct

from adapters.cli.deferred import CommandEntry, add


class Group(Struct, frozen=True):
    """Commands under one word, and what help says of them."""

    name: str
    help: str
    entries: Sequence[CommandEntry]


def _entry(name: str, module: str, function: str, sentence: str) -> CommandEntry:
    return CommandEntry(name, f"adapters.cli.{module}", function, sentence)


COMMANDS: Sequence[CommandEntry] = (
    _entry(
        "serve",
        "serve",
        "serve",
        "Start everything on this machine: database, read models, projector and HTTP API.",
    ),
    _entry("publish", "publish", "publish", "Publish a file of CloudEvents to a running system."),
    _entry(
        "simulate",
        "simulate",
        "simulate",
        "Write the events of a sample city, as a file for `pujiang publish`.",
    ),
    _entry("history", "history", "history", "Show events of the log, in order."),
    _entry("explain", "explain", "explain", "Show which event last set each field of a row."),
    _entry("replay", "replay", "replay", "Fold or judge the log again, and report what differs."),
    _entry(
        "verify",
        "verify",
        "verify",
        "Verify the whole log against its tree, its checkpoints and their signatures.",
    ),
    _entry("rebuild", "fold", "rebuild", "Build read models anew beside the live ones, and swap them in."),
    _entry(
        "retry",
        "fold",
        "retry",
        "Fold again what a read model holds back, after the cause has been repaired.",
    ),
    _entry(
        "status", "status", "status", "Show how far the log, the read models, the inbox and the relay are."
    ),
    _entry("backup", "backup", "backup", "Back up the log and the key store into two empty folders."),
    _entry(
        "restore", "backup", "restore", "Restore a backup into an empty data home, and give the log a new id."
    ),
    _entry("new-log-id", "backup", "new_log_id", "Give a log that was restored by other means a new id."),
    _entry("relay", "relay", "relay", "Relay the log to Kafka until Ctrl-C or SIGTERM."),
    _entry(
        "inbox",
        "inbox",
        "inbox",
        "Take in what publishers send to the inbox on Kafka, until Ctrl-C or SIGTERM.",
    ),
    _entry(
        "worker",
        "worker",
        "worker",
        "Fold what the relay sends into the read models, until Ctrl-C or SIGTERM.",
    ),
    _entry("kafka", "kafka", "kafka", "Start one Kafka broker on this machine, for development."),
    _entry("cluster", "cluster", "cluster", "Start broker, API, relay, inbox and workers on this machine."),
    _entry(
        "verify-receipt", "verify", "verify_receipt", "Verify a receipt of an event or of a row, offline."
    ),
)

GROUPS: Sequence[Group] = (
    Group(
        "audit",
        "Export a part of the log as one file, check such files, and check what read models have folded.",
        (
            _entry(
                "export", "audit", "export", "Export entries, their contents and their proof into one file."
            ),
            _entry("check", "audit", "check", "Check an exported file, offline."),
            _entry(
                "coverage", "audit_coverage", "coverage", "Show what each read model has folded of the log."
            ),
        ),
    ),
    Group(
        "import",
        "Import data sets of other systems.",
        (
            _entry(
                "oulad", "publish", "import_oulad", "Import the Open University Learning Analytics Dataset."
            ),
        ),
    ),
    Group(
        "erasure",
        "Certify, with a signature, which data of an erased person can no longer be read.",
        (
            _entry(
                "certificate",
                "erasure",
                "certificate",
                "Write a person's erasure certificate, a signed note.",
            ),
            _entry("check", "erasure", "check_certificate", "Check an erasure certificate, offline."),
        ),
    ),
    Group(
        "keys",
        "Show and rotate the keys that sign checkpoints, and the one that wraps all other keys.",
        (
            _entry(
                "show",
                "keys",
                "show",
                "Show the keys that verify this log's checkpoints, and our key as a witness.",
            ),
            _entry("rotate", "keys", "rotate", "Make a new key to sign checkpoints with."),
            _entry(
                "rotate-kek",
                "keys",
                "rotate_kek",
                "Wrap all keys with a new key-encryption key, and destroy the old one.",
            ),
        ),
    ),
    Group(
        "refused",
        "List messages that the inbox has refused, and publish them again.",
        (
            _entry("list", "refused", "list_", "List refused messages and the reasons, the oldest first."),
            _entry(
                "retry", "refused", "retry", "Publish refused messages to the inbox again, as they were sent."
            ),
        ),
    ),
    Group(
        "topics",
        "Compare the declared topics of the message bus with the broker's, and create them.",
        (
            _entry("plan", "topics", "plan", "Show what `pujiang topics apply` would do."),
            _entry(
                "apply",
                "topics",
                "apply",
                "Create missing topics and raise retention; nothing is shrunk or deleted.",
            ),
        ),
    ),
)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for entry in COMMANDS:
        add(app, entry)
    for group in GROUPS:
        under = typer.Typer(no_args_is_help=True)
        for entry in group.entries:
            add(under, entry)
        app.add_typer(under, name=group.name, help=group.help)
