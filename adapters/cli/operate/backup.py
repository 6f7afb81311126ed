"""`pujiang backup`, `restore` and `new-log-id`: save and restore what cannot be derived."""

from __future__ import annotations

from pathlib import Path

from adapters.cli.settings import existing, settings
from adapters.cli.terminal import console, fail, progress
from adapters.embedded import server as embedded
from adapters.postgres import log_id
from adapters.run import backup as saved
from adapters.run.parts import open_log
from adapters.run.settings import Settings
from adapters.run.site import database


def backup(*, log: Path, keys: Path) -> None:
    """Make a backup."""
    found = settings()
    try:
        saved.check_source(found)
        saved.check_there(found)
        saved.check_targets(log, keys)
        with embedded.start(found.home) as server, progress("backing up", 2) as (bar, task):
            with open_log(server.url) as opened:
                id_, head = opened.id, opened.head()
            saved.back_up_log(server, log)
            bar.advance(task)
            # The keys last, so that nothing sealed comes without its key.
            saved.back_up_keys(found, keys)
            bar.advance(task)
    except saved.BackupRefused as error:
        raise fail(str(error)) from error
    console.print(
        f"backed up: the log {id_}, at least to position {head}, in {log}; its keys in {keys}", soft_wrap=True
    )


def restore(*, log: Path, keys: Path) -> None:
    """Restore a backup."""
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
    """Give a restored log a new id."""
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
