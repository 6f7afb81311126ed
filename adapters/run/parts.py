"""The parts of flows that need no keys: processes that open only these load neither the key store nor the rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from adapters.contracts.codec import AvroCodec
from adapters.postgres.log.log import PostgresLog
from adapters.postgres.read.store import PostgresReadModels
from streams.read_ports import Parts

READERS = 2
"""Connections that read the log. One is used at a time; the other is for the stretch that is read ahead."""


@contextmanager
def open_log(url: str) -> Iterator[PostgresLog]:
    """Open the log of a database for a flow that mostly reads it. Raises FormatFault and LogUnavailable."""
    with closing(PostgresLog(url, readers=READERS)) as log:
        yield log


@contextmanager
def open_parts(url: str, stores: int = 1) -> Iterator[Parts]:
    """Open log, codec and read models; with `functools.partial` this can be sent to other processes."""
    with ExitStack() as stack:
        log = stack.enter_context(open_log(url))
        store, *more = [stack.enter_context(closing(PostgresReadModels(url))) for _ in range(stores)]
        yield Parts(log, AvroCodec(), store, more)
