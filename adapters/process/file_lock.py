"""Locks on files and folders: the kernel lets one go when the last process that has it open ends."""

from __future__ import annotations

import fcntl
import time

_AGAIN_SECONDS = 0.02


def lock(file: int, how: int = fcntl.LOCK_EX, *, within: float = 0.0) -> bool:
    """Lock an open file or folder; return whether that was possible within so many seconds."""
    deadline = time.monotonic() + within
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_AGAIN_SECONDS)
        else:
            return True
