"""`pujiang inbox`: from the message bus to the log."""

from __future__ import annotations

from adapters.cli.settings import settings
from adapters.cli.terminal import stop_signal
from adapters.process.tuning import tune
from adapters.run.inbox import run_inbox
from adapters.run.site import database, site_on


def inbox() -> None:
    """Take in what publishers send to the inbox on Kafka, until Ctrl-C or SIGTERM. Several share its partitions."""
    found = settings()
    stop = stop_signal()
    tune()
    with database(found) as base, site_on(found, base.url) as opened:
        run_inbox(opened, stop, base.tend)
