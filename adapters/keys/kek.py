"""The files of the key-encryption key: 32 bytes of mode 0600, beside them its successor and its predecessor."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from adapters.keys.fault import KeyStoreFault
from adapters.process.file_lock import lock

KEY_BYTES = 32


def next_of(path: Path) -> Path:
    """Return the file of the key-encryption key that a rotation puts into force."""
    return path.with_name(f"{path.name}.next")


def old_of(path: Path) -> Path:
    """Return the file of the key-encryption key that a rotation has replaced and is about to destroy."""
    return path.with_name(f"{path.name}.old")


def read_kek(path: Path) -> bytes | None:
    """Return the key-encryption key in a file, None if there is no file."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(key) != KEY_BYTES:
        raise KeyStoreFault(f"{path} is not a key-encryption key: it has {len(key)} bytes, not {KEY_BYTES}")
    return key


def make_kek(path: Path) -> bytes:
    """Make a key-encryption key, complete and durable or not at all; return the other one if a process was faster."""
    handle, name = tempfile.mkstemp(prefix="kek-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(name)
    finally:
        Path(name).unlink()
    _sync_folder(path.parent)
    key = read_kek(path)
    if key is None:
        raise KeyStoreFault(f"{path} disappeared while it was being made")
    return key


def promote(path: Path) -> None:
    """Put the next key-encryption key into force; the one that it replaces stays in the old file."""
    with contextlib.suppress(FileExistsError):
        old_of(path).hardlink_to(path)
    next_of(path).rename(path)
    _sync_folder(path.parent)


def shred(path: Path) -> None:
    """Overwrite a key-encryption key and remove its file."""
    with path.open("r+b") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync_folder(path.parent)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder against rotating and copying the key-encryption key. Raises KeyStoreFault if it is locked."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        if not lock(handle):
            raise KeyStoreFault(
                f"another command is rotating or copying the keys in {folder}: wait until it has ended"
            )
        yield
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
