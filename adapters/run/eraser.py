"""While serving: the keys of erased persons are destroyed within a moment of the erasure being in the log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from adapters.clock import now
from adapters.keys.fault import KeyStoreFault
from adapters.process.thread import alongside
from adapters.run.site import Site
from streams.erasure.eraser import Eraser
from streams.ports import LogUnavailable

EVERY_SECONDS = 0.2

log = structlog.get_logger()


@contextmanager
def erasing(site: Site, told: Callable[[int], None]) -> Iterator[None]:
    """Follow the log's erasures from a thread of its own; what cannot be done is done as soon as it can.

    `told` gets the position up to which they have taken effect.
    """
    eraser = Eraser(site.log, site.codec, site.store.keys, site.store.bookmarks, now)
    last = ""

    def step() -> None:
        nonlocal last
        try:
            if count := eraser.step():
                log.info("keys-destroyed", persons=count)
            told(eraser.position)
            last = ""
        except Exception as error:  # noqa: BLE001 - it is logged, and the flow goes on from its bookmark
            # Tried again at once, said once.
            if repr(error) != last:
                _say(error)
            last = repr(error)

    def run(stop: threading.Event) -> None:
        while not stop.wait(EVERY_SECONDS):
            step()

    try:
        with alongside("eraser", run):
            yield
    finally:
        step()


def _say(error: Exception) -> None:
    if isinstance(error, LogUnavailable | KeyStoreFault):
        log.warning("erasure-postponed", reason=str(error))
    else:
        log.error("erasure-failed", exc_info=error)
