"""The worker as a process of its own: joins the others of its group, and goes on from the bookmarks if it fails."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import aiokafka.errors
import faust
import structlog

from adapters.kafka.clients import KafkaFault, tls
from adapters.kafka.relay import reached as relayed
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
"""How long what is in hand may take once it is told to stop; what is not finished then happens again elsewhere."""
STORES = 2
"""Connections that rows are written over, each by a thread: one is folded while the other's are written."""
LOOK_SECONDS = 1.0
AGAIN_SECONDS = 10.0
"""A library's sentence is not told again for so long."""
CRASHED = "Crashed reason"
STALLED = 75
"""The exit code of a worker that its watchdog has ended."""

EXPECTED = (DatabaseError, LogUnavailable, aiokafka.errors.KafkaError, ForeignRecord, Repartitioned)
"""What ends a worker without being a fault of ours: told in one line."""

log = structlog.get_logger()


def work(url: str, kafka: Kafka) -> None:
    """Fold packed records until told to stop by SIGTERM, or until the process that started this one is gone."""
    stop = stop_at_sigterm()
    tune()
    _tell_in_lines()
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
    # Clients' threads may hang at a broker that is away: they have nothing left to lose.
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
    """Fold until told to stop, or until something breaks, which is raised."""
    partitions = Partitions(parts, READ_MODELS)
    worker = Worker(bus(kafka), partitions)
    threading.Thread(target=_watch, args=(partitions, parts.log, kafka), daemon=True).start()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    if stop.is_set():
        return
    starting = asyncio.create_task(worker.app.start())
    stopping = asyncio.create_task(told.wait())
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
    """End this process, from a thread of its own, when a partition stands still although more of the log was relayed."""
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
        told = {"kind": place[0], "partition": place[1], "position": reached[place], "head": head}
        if _relayed(kafka) > reached[place]:
            log.error("worker-stalled", **told)
            os._exit(STALLED)
        log.warning("nothing-relayed", **told)
        dog = Watchdog()


def _relayed(kafka: Kafka) -> int:
    """Return how far the log has been relayed, 0 where Kafka does not tell."""
    try:
        found = relayed.last(kafka)
    except KafkaFault:
        return 0
    return found.position if found else 0


class _Lines(logging.Handler):
    """Tells what the libraries say in our way: in one line, and not again and again."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._told: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Tell a record; a crash is told where it ends the worker."""
        said, now = str(record.msg), time.monotonic()
        if CRASHED not in said and now - self._told.get(said, -AGAIN_SECONDS) >= AGAIN_SECONDS:
            self._told[said] = now
            structlog.get_logger(record.name).log(record.levelno, record.getMessage())


def _tell_in_lines() -> None:
    root = logging.getLogger()
    root.handlers = [_Lines()]
    threading.excepthook = _thread_ended


def _thread_ended(ended: threading.ExceptHookArgs, /) -> None:
    """Leave what is expected to the one who tells why the worker ends: Faust's threads go down with it."""
    if not isinstance(ended.exc_value, EXPECTED):
        threading.__excepthook__(ended)
