"""`pujiang inbox`: from the message bus to the log."""

from __future__ import annotations

import signal
import threading

from adapters.cli.app import settings
from adapters.interpreter import tune
from adapters.kafka.inbox import run_inbox
from adapters.wiring import database, site_on


def inbox() -> None:
    """Take in what upstream systems send to the inbox, until Ctrl-C or SIGTERM; several share its partitions."""
    found = settings()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    tune()
    with database(found) as base, site_on(found, base.url) as opened:
        run_inbox(opened, stop, base.tend)
