"""Logs for operators: one line for each event, and the traceback of a fault."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback

from adapters.process.printable import printable


def configure() -> None:
    """Log tracebacks without local variables, which structlog would show: they may be personal data."""
    *before, _ = structlog.get_config()["processors"]
    renderer = ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain_traceback)
    structlog.configure(processors=[*before, escape_values, renderer])
    # If a statement is interrupted, psycopg logs that it cannot roll back; it closes the connection, and the server rolls back.
    logging.getLogger("psycopg.transaction").setLevel(logging.ERROR)


def escape_values(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape the values of a line: one that others have sent cannot make a second line, nor steer a terminal."""
    for name, value in event.items():
        if isinstance(value, str) and name not in ("exception", "stack"):
            event[name] = printable(value)
    return event
