"""The lock on a server's folder, which the server's own processes hold, and the process that owns the server."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from adapters.process.file_lock import lock


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[int | None]:
    """Give the lock on the folder, None if another process has it; a child that inherits it keeps it."""
    held = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield held if lock(held) else None
    finally:
        os.close(held)


def record_owner(folder: Path) -> None:
    """Record that this process starts the server of the folder. The lock is held."""
    (folder / "owner").write_text(f"{os.getpid()}\n")


def read_owner(folder: Path) -> int | None:
    """Return the number of the process that started the server, None if it is not recorded."""
    try:
        return int((folder / "owner").read_text())
    except (FileNotFoundError, ValueError):
        return None
