"""The projector as a process of its own: follows the log, and is started again from its bookmark if it fails."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess

import structlog

from adapters.interrupts import held
from adapters.postgres.read_models import open_parts
from projections.catalogue import READ_MODELS
from streams.project import Projector

RESTART_SECONDS = 1.0
STOP_SECONDS = 10.0

log = structlog.get_logger()


def project(url: str) -> None:
    """Follow the log until told to stop by SIGTERM, or until the process that started this one is gone."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    go_with_parent()
    with open_parts(url) as parts:
        Projector(parts.log, parts.codec, parts.store, READ_MODELS).run(stop)


def go_with_parent() -> None:
    """End this process as soon as the one that started it is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: BaseProcess) -> None:
    """End this process at once when its parent has ended, however that was."""
    parent.join()
    os._exit(1)


class Supervisor:
    """Keeps one process running. A fault ends it, is logged there, and it starts again after a moment."""

    def __init__(self, url: str, target: Callable[[str], None] = project, name: str = "projector") -> None:
        self._url, self._target, self._name = url, target, name
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
        while not self._stopping.is_set():
            context = multiprocessing.get_context("spawn")
            self._process = context.Process(
                target=self._target, args=(self._url,), name=self._name, daemon=True
            )
            with held():
                self._process.start()
            if self._stopping.is_set():
                self._process.terminate()
            self._process.join()
            if not self._stopping.is_set():
                log.error("process-ended", name=self._name, exit_code=self._process.exitcode)
                self._stopping.wait(RESTART_SECONDS)
