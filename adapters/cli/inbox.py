"""`pujiang inbox`: from the message bus to the log."""

from __future__ import annotations

from adapters.cli.app import settings, told_to_stop
from adapters.process.tuning import tune
from adapters.run.inbox import run_inbox
from adapters.run.site import database, site_on


def inbox() -> None:
    """Take in what upstream systems send to the inbox, until Ctrl-C or SIGTERM; several share its partitions."""
    found = settings()
    stop = told_to_stop()
    tune()
    with database(found) as base, site_on(found, base.url) as opened:
        run_inbox(opened, stop, base.tend)
