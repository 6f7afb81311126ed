"""Backup and restore of what cannot be derived: the embedded log and the key store, into two folders."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from adapters.embedded.server import Server
from adapters.keys.kek import locked, next_of, old_of
from adapters.run.settings import Settings

Moved = Callable[[int, int], None]
"""Gets how many bytes have been copied, and how many there are."""


class BackupRefused(Exception):
    """A backup or a restore is refused; the sentence says why, and what to do instead."""


def check_source(settings: Settings) -> None:
    """Refuse if the log or the keys are on a server that has backups of its own."""
    if settings.database_url:
        raise BackupRefused(
            "the log is on the server of DATABASE_URL: use that server's own physical backup, such as "
            "pg_basebackup with an archive of its write-ahead log, and `pujiang new-log-id` once it is restored"
        )
    if not settings.keys_url.startswith("sqlite:///"):
        raise BackupRefused(
            "the key store is on the server of PUJIANG_KEYS_URL: back it up there, apart from the log, with "
            "the file kek"
        )


def check_there(settings: Settings) -> None:
    """Refuse if there is nothing to back up, so that no empty log is created."""
    for path in (
        settings.home / "postgres" / "data",
        keys_file(settings),
        keys_file(settings).with_name("kek"),
    ):
        if not path.exists():
            raise BackupRefused(f"there is nothing to back up, since {path} is missing: see PUJIANG_HOME")


def check_targets(log: Path, keys: Path) -> None:
    """Create the two folders if they are missing; refuse if one is not empty, or if both are the same."""
    for folder in (log, keys):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise BackupRefused(f"{folder} is not empty: a backup needs an empty folder")
        except OSError as error:
            raise BackupRefused(f"{folder} cannot be written: {error.strerror}") from error
    if log.samefile(keys):
        raise BackupRefused(
            "give two different folders: whoever has both the log and the keys can read all personal data"
        )


def keys_file(settings: Settings) -> Path:
    """Return the key store's SQLite file; the key-encryption key is beside it."""
    return Path(settings.keys_url.removeprefix("sqlite:///"))


def back_up_log(server: Server, folder: Path) -> None:
    """Copy the running server's database into `folder`/data, and verify the copy."""
    data = folder / "data"
    _run(server.binary("pg_basebackup"), "-d", server.url, "-D", str(data), "--checkpoint=fast")
    _run(server.binary("pg_verifybackup"), "--quiet", str(data))


def back_up_keys(settings: Settings, folder: Path) -> None:
    """Copy the key store, as of one moment, with its key-encryption key."""
    source, target = keys_file(settings), folder / "keys.db"
    target.touch(mode=0o600)
    kek = source.with_name("kek")
    with locked(kek.parent):
        if next_of(kek).exists() or old_of(kek).exists():
            raise BackupRefused(
                "a rotation of the key-encryption key is unfinished: first run `pujiang keys rotate-kek`"
            )
        with closing(sqlite3.connect(source)) as store, closing(sqlite3.connect(target)) as copy:
            store.backup(copy)
        shutil.copy2(kek, folder)


def check_restorable(settings: Settings, log: Path, keys: Path) -> None:
    """Refuse folders that are not a backup, and a data home that has a log or keys."""
    data, store = settings.home / "postgres" / "data", keys_file(settings)
    for path in (log / "data" / "PG_VERSION", keys / "keys.db", keys / "kek"):
        if not path.is_file():
            raise BackupRefused(f"{path} is missing: this is not a backup made by `pujiang backup`")
    for path in (data, store, store.with_name("kek")):
        if path.exists():
            raise BackupRefused(f"{path} already exists: restore into an empty data home")


def restore(settings: Settings, log: Path, keys: Path, moved: Moved) -> None:
    """Copy a backup into an empty data home. The log still has its old id."""
    data, store = settings.home / "postgres" / "data", keys_file(settings)
    store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("kek", "keys.db"):
        target = store if name == "keys.db" else store.with_name(name)
        target.touch(mode=0o600)
        shutil.copyfile(keys / name, target)
    _copy(log / "data", data, moved)


def _copy(source: Path, target: Path, moved: Moved) -> None:
    """Copy a folder, completely or not at all."""
    total = sum(each.stat().st_size for each in source.rglob("*") if each.is_file())
    done = 0

    def copy(one: str, other: str) -> None:
        nonlocal done
        shutil.copy2(one, other)
        done += Path(one).stat().st_size
        moved(done, total)

    begun = target.with_name("data.restored")
    shutil.rmtree(begun, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, begun, copy_function=copy)
    os.sync()
    begun.rename(target)


def _run(program: Path, *arguments: str) -> None:
    done = subprocess.run([program, *arguments], capture_output=True, check=False, text=True)
    if done.returncode:
        complaint = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise BackupRefused(f"the log cannot be backed up: {complaint}")
