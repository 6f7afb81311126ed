"""`pujiang relay`: from the log to the message bus."""

from __future__ import annotations

from adapters.cli.settings import settings
from adapters.cli.terminal import stop_signal
from adapters.process.tuning import tune
from adapters.run.relay import end_soon
from adapters.run.relay import relay as relaying
from adapters.run.site import database


def relay() -> None:
    """Relay the log until Ctrl-C or SIGTERM."""
    found = settings()
    tune()
    with database(found) as base:
        relaying(found.kafka, base.url, stop_signal(end_soon), base.tend)
