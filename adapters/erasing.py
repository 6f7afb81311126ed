"""While serving: the keys of erased persons are destroyed within a moment of the erasure being in the log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from adapters.clock import now
from adapters.keys.store import KeyStoreFault
from adapters.wiring import Site
from streams.erasing import Eraser
from streams.ports import LogUnavailable

EVERY_SECONDS = 0.2
AGAIN_SECONDS = 5.0
GRACE_SECONDS = 5

log = structlog.get_logger()


@contextmanager
def erasing(site: Site, told: Callable[[int], None]) -> Iterator[None]:
    """Follow the log's erasures from a thread of its own; what cannot be done is done as soon as it can.

    `told` gets the position up to which they have taken effect.
    """
    eraser, stop = Eraser(site.log, site.codec, site.store, now), threading.Event()

    def step() -> float:
        try:
            if count := eraser.step():
                log.info("keys-destroyed", persons=count)
            told(eraser.position)
        except (LogUnavailable, KeyStoreFault) as error:
            log.warning("erasure-postponed", reason=str(error))
        except Exception:
            log.exception("erasure-failed")
        else:
            return EVERY_SECONDS
        return AGAIN_SECONDS

    def run() -> None:
        pause = EVERY_SECONDS
        while not stop.wait(pause):
            pause = step()

    thread = threading.Thread(target=run, name="eraser", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(GRACE_SECONDS)
        step()
