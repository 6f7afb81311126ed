"""Loops that run beside the server: one form for all, and one way to handle what goes wrong in them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial

import structlog
from msgspec import Struct

from adapters.process.supervisor import stop_at_sigterm, supervised

GRACE_SECONDS = 5.0
"""How long to wait for a loop's thread to end; what it has not finished by then is repeated at the next start."""
QUIET_SECONDS = 60.0
"""After how long the same fault is logged again: some loops try five times a second."""

log = structlog.get_logger()


def nothing() -> None:
    """Do nothing."""


class Loop(Struct, frozen=True):
    """Work that goes on until it is stopped, and starts again `again_seconds` after a fault.

    `run` works until the event is set. `first` is called once before it, `last` once after it. Faults of the classes
    `postponed_by` are outages, logged as `loop-postponed`; all others are logged as `loop-failed`, with a traceback.
    """

    name: str
    run: Callable[[threading.Event], object]
    again_seconds: float
    postponed_by: tuple[type[Exception], ...]
    first: Callable[[], object] = nothing
    last: Callable[[], object] = nothing


def every(seconds: float, step: Callable[[], object]) -> Callable[[threading.Event], None]:
    """Return a `run` that calls `step` at once, and again every `seconds`."""

    def run(stop: threading.Event) -> None:
        while not stop.is_set():
            step()
            stop.wait(seconds)

    return run


def keep(loop: Loop, stop: threading.Event) -> None:
    """Keep a loop running in this thread until the event is set."""
    faults = _Faults(loop)
    faults.attempt(loop.first)
    _go_on(loop, faults, stop)


def _go_on(loop: Loop, faults: _Faults, stop: threading.Event) -> None:
    while not stop.is_set():
        faults.attempt(partial(loop.run, stop))
        stop.wait(loop.again_seconds)
    faults.attempt(loop.last)


@contextmanager
def in_thread(loop: Loop) -> Iterator[None]:
    """Keep a loop running in a thread while the block runs; its `first` has been called before the block."""
    faults, stop = _Faults(loop), threading.Event()
    faults.attempt(loop.first)
    thread = threading.Thread(target=_go_on, args=(loop, faults, stop), name=loop.name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(GRACE_SECONDS)


def in_process(name: str, *makes: Callable[[], Loop]) -> AbstractContextManager[None]:
    """Keep the loops that are made running in one process of their own while the block runs."""
    return supervised(name, keep_in_process, *makes, forked=True)


def keep_in_process(*makes: Callable[[], Loop]) -> None:
    """Be that process: keep the loops running until SIGTERM, or until the process that started this one ends."""
    stop = stop_at_sigterm()
    first, *others = [make() for make in makes]
    with ExitStack() as stack:
        for each in others:
            stack.enter_context(in_thread(each))
        keep(first, stop)


class _Faults:
    """Logs the faults of a loop, the same one once in `QUIET_SECONDS`."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._last, self._logged_at = "", 0.0

    def attempt(self, work: Callable[[], object]) -> None:
        try:
            work()
        except self._loop.postponed_by as error:
            if self._new(error):
                log.warning("loop-postponed", loop=self._loop.name, reason=f"{type(error).__name__}: {error}")
        except Exception as error:  # the loop goes on, whatever is broken
            if self._new(error):
                log.exception("loop-failed", loop=self._loop.name)

    def _new(self, error: Exception) -> bool:
        now, this = time.monotonic(), repr(error)
        if this == self._last and now - self._logged_at < QUIET_SECONDS:
            return False
        self._last, self._logged_at = this, now
        return True
