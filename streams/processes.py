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


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Block SIGINT in this thread while the block runs; processes that are started in it never receive it."""
    ensure_running()  # it would unblock SIGINT if it were started in the block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def go_with_parent() -> None:
    """End this process at once when its parent ends, for whatever reason."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def workers(number: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of `number` processes, each a fresh interpreter. If the block raises, they are terminated."""
    pool = ProcessPoolExecutor(number, get_context("spawn"), initializer=go_with_parent)
    try:
        yield pool
    except BaseException:
        for each in list(pool._processes.values()):  # noqa: SLF001 - public only as `terminate_workers`, from 3.14
            each.terminate()
        raise
    finally:
        pool.shutdown()
