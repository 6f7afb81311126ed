"""`pujiang relay`: from the log to the message bus."""

from __future__ import annotations

from adapters.cli.app import settings, told_to_stop
from adapters.process.tuning import tune
from adapters.run.relay import end_soon
from adapters.run.relay import relay as relaying
from adapters.run.site import database


def relay() -> None:
    """Relay the log to Kafka until Ctrl-C or SIGTERM; of two relays only the one that began last goes on."""
    found = settings()
    stop = told_to_stop(end_soon)
    tune()
    with database(found) as base:
        relaying(found.kafka, base.url, stop, base.tend)
