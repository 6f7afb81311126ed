"""The log's last position, watched for streams of events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from adapters.postgres.serve.board import Board, happened
from streams.ports import Log, LogUnavailable

LOG = structlog.get_logger()

HEAD_SECONDS = 0.05
"""How often the log is asked for its last position while a stream waits: what a live event is late by, at most."""


class LogHead:
    """The log's last position; the log is only asked while somebody waits for it to grow."""

    def __init__(self, log: Log) -> None:
        self._log, self._head, self._board = log, 0, Board()

    async def beyond(self, position: int, seconds: float) -> int:
        """Wait until the log is beyond a position, but for at most `seconds`; return its last position."""
        if self._head <= position:
            with self._board.watched():
                await happened(self._board.next, seconds)
        return self._head

    async def follow(self) -> None:
        """Keep the position up to date. Runs until cancelled."""
        while True:
            await asyncio.sleep(HEAD_SECONDS)
            if self._board.watchers:
                await self._look(self._log.head)

    async def _look(self, head: Callable[[], int]) -> None:
        try:
            found = await asyncio.to_thread(head)
        except LogUnavailable as error:
            LOG.warning("log-unavailable", error=str(error))
            return
        if found > self._head:
            self._head = found
            self._board.announce()
