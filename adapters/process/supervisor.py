"""A process that is kept running: a fault ends it, is logged there, and it starts again after a moment."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

import structlog

from streams.processes import uninterrupted

RESTART_SECONDS = 1.0
STOP_SECONDS = 10.0

log = structlog.get_logger()


class Supervisor:
    """Keeps one process running, which ends at SIGTERM."""

    def __init__(self, name: str, target: Callable[..., None], *args: Any) -> None:
        self._name, self._target, self._args = name, target, args
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name=f"{name}-supervisor", daemon=True)
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Start the process."""
        self._thread.start()

    def stop(self) -> None:
        """Stop it; what it has in hand is finished."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join(STOP_SECONDS)
        if self._process is not None and self._process.is_alive():
            self._process.kill()

    def _supervise(self) -> None:
        context = multiprocessing.get_context("spawn")
        while not self._stopping.is_set():
            process = context.Process(target=self._target, args=self._args, name=self._name, daemon=True)
            with uninterrupted():
                process.start()
            self._process = process
            if self._stopping.is_set():  # since before `stop` could know of this one
                process.terminate()
            process.join()
            if not self._stopping.is_set():
                log.error("process-ended", process=self._name, exit_code=process.exitcode)
                self._stopping.wait(RESTART_SECONDS)


@contextmanager
def supervised(name: str, target: Callable[..., None], *args: Any) -> Iterator[None]:
    """Keep a process running until the block ends."""
    supervisor = Supervisor(name, target, *args)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()
