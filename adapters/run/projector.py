"""The projector as a process of its own: follows the log, and goes on from its bookmarks if it fails."""

from __future__ import annotations

import signal
import sys
import threading

import psycopg
import structlog

from adapters.postgres.read.modes import entered
from adapters.postgres.read.store import open_parts
from projections.catalogue import READ_MODELS
from streams.ports import LogUnavailable
from streams.processes import go_with_parent
from streams.project.projector import Projector, Repartitioned
from streams.workers.handover import gather

log = structlog.get_logger()


def project(url: str) -> None:
    """Follow the log until told to stop by SIGTERM, or until the process that started this one is gone.

    Waits while workers fold. Ends with status 1 where the database is away, full or too slow, or workers came.
    """
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    go_with_parent()
    try:
        with open_parts(url) as parts, entered(url, "embedded", stop) as inside:
            if inside:
                gather(parts, READ_MODELS)
                Projector(parts.log, parts.codec, parts.store, READ_MODELS).run(stop)
    except (LogUnavailable, Repartitioned, psycopg.OperationalError) as error:
        log.warning("projector-interrupted", reason=str(error))
        sys.exit(1)
