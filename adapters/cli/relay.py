"""`pujiang relay`: from the log to the message bus."""

from __future__ import annotations

import gc
import signal
import threading

from adapters.cli.app import settings
from adapters.relaying import end_soon
from adapters.relaying import relay as relaying
from adapters.wiring import database

COLLECT_EVERY = 50_000, 20, 100
"""Events and records make no cycles: looking for some among them costs a tenth of a core."""


def relay() -> None:
    """Relay the log to Kafka until Ctrl-C or SIGTERM; of two relays only the one that began last goes on."""
    found = settings()
    stop = threading.Event()

    def told(_number: int, _frame: object) -> None:
        stop.set()
        end_soon()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    gc.set_threshold(*COLLECT_EVERY)
    with database(found) as base:
        relaying(found.kafka, base.url, stop, base.tend)
