"""`pujiang inbox`: from the message bus to the log."""

from __future__ import annotations

from adapters.cli.settings import settings
from adapters.cli.terminal import stop_signal
from adapters.process.tuning import tune
from adapters.run.inbox import run_inbox
from adapters.run.site import database, site_on


def inbox() -> None:
    """Consume the inbox until Ctrl-C or SIGTERM."""
    found = settings()
    tune()
    with database(found) as base, site_on(found, base.url) as opened:
        run_inbox(opened, stop_signal(), base.tend)
