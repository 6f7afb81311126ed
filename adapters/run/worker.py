"""The worker, in a process of its own: it joins its group, and continues from the bookmarks after a fault."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from typing import Any

import aiokafka.errors
import faust
import structlog

from adapters.kafka.clients import KafkaFault, tls
from adapters.kafka.relay import relayed_topic
from adapters.kafka.settings import Kafka
from adapters.postgres.connections import DatabaseError
from adapters.postgres.read.modes import entered
from adapters.process.supervisor import stop_at_sigterm
from adapters.process.tuning import tune
from adapters.run.parts import open_parts
from projections.catalogue import READ_MODELS
from streams.ports import Log, LogUnavailable
from streams.project.projector import Repartitioned
from streams.read_ports import Parts
from streams.workers.handover import spread
from streams.workers.partitions import ForeignRecord, Partitions
from streams.workers.stalled import Watchdog
from streams.workers.worker import BusAddress, Worker

FINISH_SECONDS = 5.0
"""How long a worker may take to finish what it has in hand; what is not finished is repeated elsewhere."""
STORES = 2
"""Connections that write rows, each used by a thread: one batch is folded while the other is written."""
LOOK_SECONDS = 1.0
"""How often the watchdog looks."""
AGAIN_SECONDS = 10.0
"""How long the same message of a library is not logged again."""
CRASHED = "Crashed reason"
STALLED = 75
"""The exit status of a worker that its watchdog has ended."""

EXPECTED = (DatabaseError, LogUnavailable, aiokafka.errors.KafkaError, ForeignRecord, Repartitioned)
"""Faults that are not ours and end a worker; they are logged in one line."""

log = structlog.get_logger()


def work(url: str, kafka: Kafka) -> None:
    """Fold packed records until SIGTERM, or until the process that started this one ends."""
    stop = stop_at_sigterm()
    tune()
    _log_in_lines()
    status = 0
    try:
        with open_parts(url, STORES) as parts, entered(url, "scaled", stop) as inside:
            if inside:
                spread(parts, READ_MODELS)
                asyncio.run(_fold(parts, kafka, stop))
    except EXPECTED as error:
        log.error("worker-stopped", reason=f"{type(error).__name__}: {error}".strip())  # noqa: TRY400 - it says it all
        status = 1
    except Exception:
        log.exception("worker-failed")
        status = 1
    sys.stdout.flush()
    # Threads of clients may hang while the broker is away; they hold nothing that could be lost.
    os._exit(status)


def bus(kafka: Kafka) -> BusAddress:
    """Return where Kafka is, as Faust wants to know it."""
    return BusAddress(kafka.servers, kafka.topics, _credentials(kafka))


def _credentials(kafka: Kafka) -> Any:
    if kafka.username is not None:
        return faust.SASLCredentials(
            username=kafka.username,
            password=kafka.password,
            mechanism=kafka.mechanism,
            ssl_context=tls(kafka),
        )
    return faust.SSLCredentials(tls(kafka)) if kafka.encrypted else None


async def _fold(parts: Parts, kafka: Kafka, stop: threading.Event) -> None:
    """Fold until SIGTERM; raise what breaks."""
    partitions = Partitions(parts, READ_MODELS)
    worker = Worker(bus(kafka), partitions)
    threading.Thread(target=_watch, args=(partitions, parts.log, kafka), daemon=True).start()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    if stop.is_set():
        return
    starting = asyncio.create_task(worker.app.start())
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait({stopping, starting}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        starting.result()
        await worker.app.wait(stopping)
    broken = worker.app.crash_reason
    with suppress(TimeoutError):
        async with asyncio.timeout(FINISH_SECONDS):
            await worker.app.stop()
            await worker.finish()
    if broken:
        raise broken


def _watch(partitions: Partitions, entries: Log, kafka: Kafka) -> None:
    """End this process if a partition stands still although more of the log was relayed. A thread of its own runs this."""
    dog = Watchdog()
    while True:
        time.sleep(LOOK_SECONDS)
        reached = partitions.positions()
        try:
            head = entries.head()
        except LogUnavailable:
            continue
        place = dog.stalled(reached, head, time.monotonic())
        if place is None:
            continue
        where = {"kind": place[0], "partition": place[1], "position": reached[place], "head": head}
        if _relayed(kafka) > reached[place]:
            log.error("worker-stalled", **where)
            os._exit(STALLED)
        log.warning("nothing-relayed", **where)
        dog = Watchdog()


def _relayed(kafka: Kafka) -> int:
    """Return how far the log has been relayed, 0 if Kafka does not answer."""
    try:
        found = relayed_topic.last(kafka)
    except KafkaFault:
        return 0
    return found.position if found else 0


class _Lines(logging.Handler):
    """Logs messages of libraries in our form: in one line, and each not too often."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._logged: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record, unless it is about a crash, which is logged when it ends the worker."""
        said, now = str(record.msg), time.monotonic()
        if CRASHED not in said and now - self._logged.get(said, -AGAIN_SECONDS) >= AGAIN_SECONDS:
            self._logged[said] = now
            structlog.get_logger(record.name).log(record.levelno, record.getMessage())


def _log_in_lines() -> None:
    root = logging.getLogger()
    root.handlers = [_Lines()]
    threading.excepthook = _thread_ended


def _thread_ended(ended: threading.ExceptHookArgs, /) -> None:
    """Log, in one line, only unexpected faults of threads: expected ones end the worker, which logs them."""
    if isinstance(ended.exc_value, (*EXPECTED, asyncio.CancelledError)):
        return
    place = next(reversed(traceback.extract_tb(ended.exc_traceback)), None)
    where = f"{place.filename}:{place.lineno}" if place else ""
    log.error("thread-failed", reason=repr(ended.exc_value), where=where)
