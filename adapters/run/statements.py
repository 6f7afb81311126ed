"""While serving: what read models have folded, and hold back, is stated in the log, by one process at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version

import psycopg
import structlog

from adapters.clock import now
from adapters.postgres.read.outbox_reader import PostgresOutbox
from adapters.process.thread import alongside
from adapters.run.site import Site
from projections.catalogue import READ_MODELS
from streams.coverage.statements import Accountant, NotStated, release
from streams.ports import LogUnavailable
from streams.publish.committer import Committer, Overloaded
from streams.publish.request import Request

STEP_SECONDS = 1.0
ANSWER_SECONDS = 30.0

log = structlog.get_logger()


@contextmanager
def accounting(site: Site, committer: Committer) -> Iterator[None]:
    """State what is to be stated from a thread of its own; the software in use before anything is published."""
    accounts = PostgresOutbox(site.url)

    def publish(request: Request) -> Request:
        return committer.submit(request).result(ANSWER_SECONDS)

    taken = release(version("pujiang"), READ_MODELS)
    accountant = Accountant(site.log, site.codec, accounts, publish, taken)
    _try(lambda: accountant.release(now()))
    try:
        with alongside("accounts", partial(_account, accountant, site.settings.statement_seconds)):
            yield
    finally:
        accounts.close()


def _account(accountant: Accountant, seconds: int, stop: threading.Event) -> None:
    due = time.monotonic() + seconds
    while not stop.wait(STEP_SECONDS):
        _try(accountant.notes)
        if time.monotonic() >= due:
            _try(lambda: accountant.ranges(now(), seconds * 1_000_000))
            due = time.monotonic() + seconds


def _try(state: Callable[[], object]) -> None:
    """Make statements; what cannot be stated now is stated later."""
    try:
        state()
    except NotStated as fault:
        log.error("not-stated", reason=str(fault))  # noqa: TRY400 - its sentence says it all
    except (LogUnavailable, Overloaded, Late, psycopg.Error) as error:
        log.warning("statement-postponed", reason=type(error).__name__)
