"""Files that only the account that runs Pujiang may read: they may hold names, or what a database complains about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, cast

MODE = 0o600


def open_private(path: Path, mode: str) -> BinaryIO:
    """Open a file for writing bytes, readable and writable by its owner only, whatever it was before."""
    file = cast("BinaryIO", open(path, mode + "b", opener=_opener))  # noqa: SIM115 - the caller closes
    os.fchmod(file.fileno(), MODE)
    return file


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags, MODE)
