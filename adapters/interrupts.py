"""Ctrl-C is told to every process of a terminal's group; those that we start leave it to us."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.resource_tracker import ensure_running


@contextmanager
def held() -> Iterator[None]:
    """Hold Ctrl-C back from this thread meanwhile; processes started meanwhile are never interrupted by it."""
    ensure_running()  # it would end our holding back, if it were started meanwhile
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
