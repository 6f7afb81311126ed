"""`pujiang relay`: from the log to the message bus."""

from __future__ import annotations

from adapters.cli.app import settings, told_to_stop
from adapters.interpreter import tune
from adapters.relaying import end_soon
from adapters.relaying import relay as relaying
from adapters.wiring import database


def relay() -> None:
    """Relay the log to Kafka until Ctrl-C or SIGTERM; of two relays only the one that began last goes on."""
    found = settings()
    stop = told_to_stop(end_soon)
    tune()
    with database(found) as base:
        relaying(found.kafka, base.url, stop, base.tend)
