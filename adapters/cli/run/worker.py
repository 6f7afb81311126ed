"""`pujiang worker`: from the packed topics to the read models. Any number of workers share the work."""

from __future__ import annotations

from adapters.cli.settings import settings
from adapters.cli.terminal import console, progress, stop_signal
from adapters.kafka.clients import admin
from adapters.kafka.topics import require
from adapters.process.supervisor import supervised
from adapters.run.rebuild import bring_up
from adapters.run.site import database
from adapters.run.worker import work
from streams.bus.topics import topics

TEND_SECONDS = 0.3


def worker() -> None:
    """Fold what the relay sends until Ctrl-C or SIGTERM."""
    found = settings()
    with database(found) as base:
        with admin(found.kafka) as client:
            require(client, topics(found.kafka.topics))
        with progress("read models") as (bar, task):
            bring_up(base.url, lambda done, total: bar.update(task, completed=done, total=total))
        with supervised("worker", work, base.url, found.kafka):
            stop = stop_signal()
            console.print(f"folding records from {', '.join(found.kafka.servers)}")
            while not stop.wait(TEND_SECONDS):
                base.tend()
