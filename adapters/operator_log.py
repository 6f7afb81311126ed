"""What operators read: one line for each event, and a fault with its traceback."""

from __future__ import annotations

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback


def configure() -> None:
    """Log without the values of local variables, which structlog would show: they may be personal data."""
    *before, _ = structlog.get_config()["processors"]
    structlog.configure(processors=[*before, ConsoleRenderer(exception_formatter=plain_traceback)])
