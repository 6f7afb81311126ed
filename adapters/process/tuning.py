"""Settings of the interpreter for processes that handle thousands of events."""

from __future__ import annotations

import gc
import sys

COLLECT_EVERY = 50_000, 20, 100
"""Thresholds of the garbage collector. Events, states and rows form no cycles: with the defaults, looking for cycles among
all warm objects takes a sixth of a core."""
SWITCH_SECONDS = 0.0005
"""How long a thread that gets an answer of the database waits for one that decodes; the default is 5 ms."""


def tune() -> None:
    """Collect garbage rarely, and switch threads often."""
    gc.set_threshold(*COLLECT_EVERY)
    sys.setswitchinterval(SWITCH_SECONDS)
