"""The projector as a process of its own: follows the log, and is started again from its bookmark if it fails."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from multiprocessing.process import BaseProcess

import psycopg
import structlog

from adapters.postgres.read_models import open_parts
from projections.catalogue import READ_MODELS
from streams.ports import LogUnavailable
from streams.processes import go_with_parent, uninterrupted
from streams.project import Projector

RESTART_SECONDS = 1.0
STOP_SECONDS = 10.0

log = structlog.get_logger()


def project(url: str) -> None:
    """Follow the log until told to stop by SIGTERM, or until the process that started this one is gone.

    Ends with status 1 where the database is away, full or too slow.
    """
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    go_with_parent()
    try:
        with open_parts(url) as parts:
            Projector(parts.log, parts.codec, parts.store, READ_MODELS).run(stop)
    except (LogUnavailable, psycopg.OperationalError) as error:
        log.warning("projector-interrupted", reason=str(error))
        sys.exit(1)


class Supervisor:
    """Keeps one projector running. A fault ends it, is logged there, and it starts again after a moment."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="projector-supervisor", daemon=True)
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Start the projector."""
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
            self._process = context.Process(target=project, args=(self._url,), name="projector", daemon=True)
            with uninterrupted():
                self._process.start()
            if self._stopping.is_set():
                self._process.terminate()
            self._process.join()
            if not self._stopping.is_set():
                log.error("projector-ended", exit_code=self._process.exitcode)
                self._stopping.wait(RESTART_SECONDS)
