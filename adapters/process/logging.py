"""Logs for operators: one line for each event, and the traceback of a fault."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback


def configure() -> None:
    """Log tracebacks without local variables, which structlog would show: they may be personal data."""
    *before, _ = structlog.get_config()["processors"]
    renderer = ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain_traceback)
    structlog.configure(processors=[*before, renderer])
    # If a statement is interrupted, psycopg logs that it cannot roll back; it closes the connection, and the server rolls back.
    logging.getLogger("psycopg.transaction").setLevel(logging.ERROR)
