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
"""Told how many bytes of how many have been copied."""


class BackupRefused(Exception):
    """A backup cannot be made or put back as asked, and what to do instead, in a sentence."""


def check_source(settings: Settings) -> None:
    """Refuse where log or keys are on a server that has its own backups."""
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
    """Refuse where there is nothing to back up, rather than begin an empty log."""
    for path in (
        settings.home / "postgres" / "data",
        keys_file(settings),
        keys_file(settings).with_name("kek"),
    ):
        if not path.exists():
            raise BackupRefused(f"there is nothing to back up: {path} is missing; see PUJIANG_HOME")


def check_targets(log: Path, keys: Path) -> None:
    """Make two folders where they are missing; refuse what is not empty, and one for both."""
    for folder in (log, keys):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise BackupRefused(f"{folder} is not empty: a backup wants a folder of its own")
        except OSError as error:
            raise BackupRefused(f"{folder} cannot be written: {error.strerror}") from error
    if log.samefile(keys):
        raise BackupRefused("log and keys go into two folders: whoever has both can read all personal data")


def keys_file(settings: Settings) -> Path:
    """The key store's SQLite file; the key-encryption key lies beside it."""
    return Path(settings.keys_url.removeprefix("sqlite:///"))


def back_up_log(server: Server, folder: Path) -> None:
    """Copy the running server's database into `folder`/data, and check the copy."""
    data = folder / "data"
    _run(server.binary("pg_basebackup"), "-d", server.url, "-D", str(data), "--checkpoint=fast")
    _run(server.binary("pg_verifybackup"), "--quiet", str(data))


def back_up_keys(settings: Settings, folder: Path) -> None:
    """Copy the key store, as of one moment, and its key-encryption key."""
    source, target = keys_file(settings), folder / "keys.db"
    target.touch(mode=0o600)
    kek = source.with_name("kek")
    with locked(kek.parent):
        if next_of(kek).exists() or old_of(kek).exists():
            raise BackupRefused(
                "a rotation of the key-encryption key is unfinished: `pujiang keys rotate-kek` first"
            )
        with closing(sqlite3.connect(source)) as store, closing(sqlite3.connect(target)) as copy:
            store.backup(copy)
        shutil.copy2(kek, folder)


def check_restorable(settings: Settings, log: Path, keys: Path) -> None:
    """Refuse what is no backup, and a data home that has a log or keys."""
    data, store = settings.home / "postgres" / "data", keys_file(settings)
    for path in (log / "data" / "PG_VERSION", keys / "keys.db", keys / "kek"):
        if not path.is_file():
            raise BackupRefused(f"{path} is missing: that is no backup of `pujiang backup`")
    for path in (data, store, store.with_name("kek")):
        if path.exists():
            raise BackupRefused(f"there is {path} already: restore into an empty data home")


def restore(settings: Settings, log: Path, keys: Path, moved: Moved) -> None:
    """Put a backup into an empty data home. The log still has its old id."""
    data, store = settings.home / "postgres" / "data", keys_file(settings)
    store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("kek", "keys.db"):
        target = store if name == "keys.db" else store.with_name(name)
        target.touch(mode=0o600)
        shutil.copyfile(keys / name, target)
    _copy(log / "data", data, moved)


def _copy(source: Path, target: Path, moved: Moved) -> None:
    """Copy a folder, whole or not at all."""
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
        complaint = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise BackupRefused(f"the log cannot be backed up: {complaint}")
