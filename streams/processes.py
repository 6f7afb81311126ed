"""Child processes: shielded from the terminal's SIGINT, which the parent handles; they die with the parent."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from multiprocessing.resource_tracker import ensure_running

LOOK_SECONDS = 1.0
"""How often a process looks whether the one that it was forked from is still there."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Block SIGINT in this thread while the block runs; processes started in it never receive it."""
    ensure_running()  # started later, it would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def go_with_parent() -> None:
    """End this process at once when its parent has ended, for whatever reason, and soon after the one it was forked from."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent, os.getppid()), daemon=True).start()


def _outlive(parent: BaseProcess, origin: int) -> None:
    # Without the process that forked it nobody is told how this one ends, and another is started in its place.
    while parent.is_alive() and os.getppid() == origin:
        parent.join(LOOK_SECONDS)
    os._exit(1)


@contextmanager
def process_pool(number: int) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of `number` processes, each a fresh interpreter; if the block raises, they end at once."""
    pool = ProcessPoolExecutor(number, get_context("spawn"), initializer=go_with_parent)
    try:
        yield pool
    except BaseException:
        for each in list(pool._processes.values()):  # noqa: SLF001 - public only as `terminate_workers`, from 3.14
            each.terminate()
        raise
    finally:
        pool.shutdown()
