"""Processes that we start: Ctrl-C is told to all of a terminal's group, but they leave it to us; they go with us."""

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
    """Hold Ctrl-C back from this thread meanwhile; processes started meanwhile are never interrupted by it."""
    ensure_running()  # it would end our holding back, if it were started meanwhile
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def go_with_parent() -> None:
    """End this process at once when the one that started it has ended, however that was."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def workers(number: int) -> Iterator[ProcessPoolExecutor]:
    """Give so many processes, each a fresh interpreter; where something is raised meanwhile, they end at once."""
    pool = ProcessPoolExecutor(number, get_context("spawn"), initializer=go_with_parent)
    try:
        yield pool
    except BaseException:
        for each in list(pool._processes.values()):  # noqa: SLF001 - public only as `terminate_workers`, from 3.14
            each.terminate()
        raise
    finally:
        pool.shutdown()
