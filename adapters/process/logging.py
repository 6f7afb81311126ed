"""What operators read: one line for each event, and a fault with its traceback."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback


def configure() -> None:
    """Log without the values of local variables, which structlog would show: they may be personal data."""
    *before, _ = structlog.get_config()["processors"]
    renderer = ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain_traceback)
    structlog.configure(processors=[*before, renderer])
    # Interrupted within a statement, psycopg cannot roll back and says so; it closes the connection, and the server does.
    logging.getLogger("psycopg.transaction").setLevel(logging.ERROR)
