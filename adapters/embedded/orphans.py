"""Orphans: processes of a server that has outlived its owner, and holds the lock on its folder.

The kernel tells a server when its owner dies, on Linux; but a signal can be lost in a shutdown that was under way.
"""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from adapters.embedded.lock import read_owner

QUIT_SECONDS = 5.0
"""How long orphans may take to end at SIGQUIT before they are killed: they only have to stop."""


class Orphans:
    """Ends the orphans of a folder, in seconds: the next start recovers, as after a power failure."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked_at: float | None = None

    def end(self) -> bool:
        """Ask the orphans to end or, if that was a while ago, kill them. Return whether there were any."""
        if not (found := self._find()):
            return False
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            number = signal.SIGQUIT
        elif time.monotonic() - self._asked_at < QUIT_SECONDS:
            return True
        else:
            number = signal.SIGKILL
        for each in found:
            with suppress(psutil.NoSuchProcess):
                each.send_signal(number)
        return True

    def _find(self) -> list[psutil.Process]:
        """Return the processes that work in the data folder, none if the recorded owner is the parent of one."""
        owner, data = read_owner(self._folder), str(self._folder / "data")
        found = [each for each in psutil.process_iter(["cwd", "ppid"]) if each.info["cwd"] == data]
        return [] if any(each.info["ppid"] == owner for each in found) else found
