"""Processes that are kept running: one that ends by itself is started again after a moment.

A process is a fresh interpreter, or a fork of one that has imported what it needs, and has no threads: a server's processes
start in a tenth of the time then, and share what they have imported.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

import structlog

from streams.processes import go_with_parent, uninterrupted

RESTART_SECONDS = 1.0
"""How long a process that has ended is left alone: one that cannot start must not take a whole core."""
STOP_SECONDS = 10.0
"""How long a process may take to finish what it has in hand after SIGTERM; then it is killed."""

log = structlog.get_logger()


class Supervisor:
    """Keeps one process running; its target has to end at SIGTERM."""

    def __init__(self, name: str, target: Callable[..., None], *args: Any, forked: bool = False) -> None:
        self._name, self._target, self._args = name, target, args
        self._made: Callable[..., BaseProcess] = (
            multiprocessing.get_context("forkserver").Process
            if forked
            else multiprocessing.get_context("spawn").Process
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name=f"{name}-supervisor", daemon=True)
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Start the process."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the process, which finishes what it has in hand."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join(STOP_SECONDS)
        if self._process is not None and self._process.is_alive():
            self._process.kill()

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            process = self._made(target=self._target, args=self._args, name=self._name, daemon=True)
            with uninterrupted():
                process.start()
            self._process = process
            if self._stopping.is_set():  # `stop` may have come before it could see this process
                process.terminate()
            process.join()
            if not self._stopping.is_set():
                log.error("process-ended", process=self._name, exit_code=process.exitcode)
                self._stopping.wait(RESTART_SECONDS)


def import_before_forking(modules: Sequence[str]) -> None:
    """Have these modules imported once by the process from which others are forked; to be called before the first."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(modules))


@contextmanager
def supervised(name: str, target: Callable[..., None], *args: Any, forked: bool = False) -> Iterator[None]:
    """Keep a process running while the block runs."""
    supervisor = Supervisor(name, target, *args, forked=forked)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


def stop_at_sigterm() -> threading.Event:
    """Prepare a supervised process: return the event that SIGTERM sets, and end with the process that started this one."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    go_with_parent()
    return stop
