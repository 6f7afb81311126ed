"""`pujiang relay`: from the log to the message bus."""

from __future__ import annotations

import signal
import threading

from adapters.cli.app import settings
from adapters.interpreter import tune
from adapters.relaying import end_soon
from adapters.relaying import relay as relaying
from adapters.wiring import database


def relay() -> None:
    """Relay the log to Kafka until Ctrl-C or SIGTERM; of two relays only the one that began last goes on."""
    found = settings()
    stop = threading.Event()

    def told(_number: int, _frame: object) -> None:
        stop.set()
        end_soon()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    tune()
    with database(found) as base:
        relaying(found.kafka, base.url, stop, base.tend)
