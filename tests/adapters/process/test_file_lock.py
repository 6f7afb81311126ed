"""Locks on files."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

from adapters.process.file_lock import lock
from tests.patience import PATIENCE


def test_a_lock_is_held_until_its_file_is_closed(tmp_path: Path) -> None:
    first, second = (os.open(tmp_path, os.O_RDONLY) for _ in range(2))
    assert lock(first)
    assert not lock(second)
    assert not lock(second, fcntl.LOCK_SH, within=0.05)
    threading.Timer(0.05, os.close, [first]).start()
    assert lock(second, within=PATIENCE)
    os.close(second)


def test_those_who_only_look_share_a_lock(tmp_path: Path) -> None:
    first, second = (os.open(tmp_path, os.O_RDONLY) for _ in range(2))
    assert lock(first, fcntl.LOCK_SH)
    assert lock(second, fcntl.LOCK_SH)
    os.close(first)
    os.close(second)
