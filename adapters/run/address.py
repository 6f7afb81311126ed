"""The address of the server of a data home: written there while it runs, so that commands find it, and no other."""

from __future__ import annotations

import fcntl
import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.process.file_lock import lock

NAME = "address"
"""The file in the data home. The server holds a lock on it, so one that was killed leaves no address that counts."""
LOCK_SECONDS = 1.0
"""How long the lock is tried: commands that look hold it for a moment."""
_MOST_BYTES = 1000


def local(scheme: str, host: str, port: int) -> str:
    """Return the address at which this machine reaches a server that listens on `host`."""
    try:
        found = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return f"{scheme}://{host}:{port}"
    if found.is_unspecified:
        host = "127.0.0.1" if found.version == 4 else "[::1]"  # noqa: PLR2004 - the version of the protocol
    return f"{scheme}://{host}:{port}"


@contextmanager
def published(home: Path, address: str) -> Iterator[None]:
    """Have the address stand in the data home for the block, unless that of another server stands there already."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(home / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if lock(file, within=LOCK_SECONDS):
            os.ftruncate(file, 0)
            os.pwrite(file, address.encode(), 0)
        yield
    finally:
        os.close(file)


def address_of(home: Path) -> str | None:
    """Return the address of the server that runs on a data home, None if there is none."""
    try:
        file = os.open(home / NAME, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if lock(file, fcntl.LOCK_SH):
            return None
        return os.pread(file, _MOST_BYTES, 0).decode() or None
    finally:
        os.close(file)
