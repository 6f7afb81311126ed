"""Statements of what read models have folded and hold back. Of all processes on a log, one makes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import TimeoutError as Late
from contextlib import closing, contextmanager
from importlib.metadata import version

import structlog

from adapters.clock import now
from adapters.contracts.published import named_contracts
from adapters.postgres.connections import OUTAGES
from adapters.postgres.read.outbox_reader import PostgresOutbox
from adapters.process.loop import Loop, every
from adapters.run.site import Site
from projections.catalogue import READ_MODELS
from streams.coverage.statements import Accountant, NotStated, release
from streams.publish.committer import Committer, Overloaded
from streams.publish.request import Request

STEP_SECONDS = 1.0
"""How soon it is stated what read models hold back: looking costs little, as the table is nearly always empty."""
ANSWER_SECONDS = 30.0
"""How long a statement may wait for the committer before it is postponed."""

log = structlog.get_logger()


def statements(site: Site, committer: Committer) -> Loop:
    """Return the loop that makes statements; the software in use is stated before anything is published."""
    accounts = PostgresOutbox(site.url)

    def publish(request: Request) -> Request:
        return committer.submit(request).result(ANSWER_SECONDS)

    software = release(version("pujiang"), READ_MODELS)
    accountant = Accountant(site.log, site.codec, accounts, publish, software, contracts=named_contracts())
    state = _Statements(accountant, site.settings.statement_seconds)

    def run(stop: threading.Event) -> None:
        with closing(accounts):  # it opens again when it is used again
            every(STEP_SECONDS, state.step)(stop)

    return Loop("statements", run, STEP_SECONDS, (*OUTAGES, Overloaded, Late), first=state.release)


class _Statements:
    """Makes statements: notes at once, ranges every `seconds`."""

    def __init__(self, accountant: Accountant, seconds: int) -> None:
        self._accountant, self._seconds = accountant, seconds
        self._due = time.monotonic() + seconds

    def release(self) -> None:
        with _not_stated():
            self._accountant.release(now())

    def step(self) -> None:
        with _not_stated():
            self._accountant.notes()
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + self._seconds
            with _not_stated():
                self._accountant.ranges(now(), self._seconds * 1_000_000)


@contextmanager
def _not_stated() -> Iterator[None]:
    """Log a statement that was refused: it is a fault of ours, and trying again would not help."""
    try:
        yield
    except NotStated as fault:
        log.error("not-stated", reason=str(fault))  # noqa: TRY400 - its sentence says it all
