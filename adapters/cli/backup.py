"""`pujiang backup`, `restore` and `new-log-id`: what cannot be derived, saved and brought back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.app import console, existing, fail, progress, settings
from adapters.embedded import server as embedded
from adapters.postgres import log_id
from adapters.postgres.log.log import PostgresLog
from adapters.run import backup as saved
from adapters.run.settings import Settings
from adapters.run.site import database

LogFolder = Annotated[Path, typer.Argument(metavar="LOG_DIR", help="The folder of the log.")]
KeysFolder = Annotated[
    Path, typer.Argument(metavar="KEYS_DIR", help="The folder of the keys, in other hands.")
]


def backup(log: LogFolder, keys: KeysFolder) -> None:
    """Back up the log and the key store into two empty folders, while everything goes on."""
    found = settings()
    try:
        saved.check_source(found)
        saved.check_there(found)
        saved.check_targets(log, keys)
        with embedded.start(found.home) as server, progress("backing up", 2) as (bar, task):
            with closing(PostgresLog(server.url)) as opened:
                id_, head = opened.id, opened.head()
            saved.back_up_log(server, log)
            bar.advance(task)
            # The keys last, so that nothing sealed comes without its key.
            saved.back_up_keys(found, keys)
            bar.advance(task)
    except saved.BackupRefused as error:
        raise fail(str(error)) from error
    console.print(
        f"the log {id_}, at least to position {head}, is in {log}; its keys are in {keys}", soft_wrap=True
    )


def restore(log: LogFolder, keys: KeysFolder) -> None:
    """Put a backup into an empty data home, and give the log a new id."""
    found = settings()
    try:
        saved.check_source(found)
        saved.check_restorable(found, log, keys)
        with progress("restoring") as (bar, task):
            saved.restore(found, log, keys, lambda done, total: bar.update(task, completed=done, total=total))
    except saved.BackupRefused as error:
        raise fail(str(error)) from error
    _renew(found)


def new_log_id() -> None:
    """Give a log that was restored by other means a new id; `serve` must not run. `restore` does so itself."""
    _renew(existing())


def _renew(found: Settings) -> None:
    with database(found) as opened:
        try:
            renewed = log_id.renew(opened.url)
        except log_id.LogIdKept as error:
            raise fail(str(error)) from error
    console.print(
        f"the log {renewed.old} is restored to position {renewed.position}, and is now {renewed.new}",
        soft_wrap=True,
    )
