"""The projector as a process of its own: follows the log, and goes on from its bookmarks if it fails."""

from __future__ import annotations

import signal
import threading

from adapters.postgres.modes import entered
from adapters.postgres.read_models import open_parts
from adapters.supervising import outlive_parent
from projections.catalogue import READ_MODELS
from streams.handover import gather
from streams.project import Projector


def project(url: str) -> None:
    """Follow the log until told to stop by SIGTERM, or until the process that started this one is gone."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    outlive_parent()
    with open_parts(url) as parts, entered(url, "embedded", stop) as inside:
        if inside:
            gather(parts, READ_MODELS)
            Projector(parts.log, parts.codec, parts.store, READ_MODELS).run(stop)
