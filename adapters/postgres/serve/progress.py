"""How far the read models and the log are: one listener for all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

import psycopg
import structlog
from psycopg import errors

from adapters.postgres.serve.tables import Pool, Tables
from streams.ports import Log, LogUnavailable

LOG = structlog.get_logger()

WAIT_SECONDS = 5.0
POLL_SECONDS = 0.25
TABLES_EVERY = 4
RETRY_SECONDS = 1.0
HEAD_SECONDS = 0.05

_BOOKMARKS = b"""
SELECT m.name, m.table_name, min(b.position), sum(b.epoch)::bigint
FROM read.bookmarks AS b JOIN read.models AS m ON m.name = b.model GROUP BY m.name
"""

Mark = tuple[int, int]
"""A position, and the epoch, which rises with every change to the rows."""

_NOWHERE: Mark = (0, 0)


class BeyondTheLog(Exception):
    """A position is waited for that the log does not have; it ends at `head`."""

    def __init__(self, position: int, head: int) -> None:
        super().__init__(f"the log ends at position {head}, before {position}")
        self.head = head


class NotReached(Exception):
    """A read model was at position `reached`, before the one waited for, when time was up."""

    def __init__(self, model: str, position: int, reached: int) -> None:
        super().__init__(
            f"{model} is at position {reached} and did not reach {position} within {WAIT_SECONDS:g} s"
        )
        self.reached = reached


class _Board:
    """Announces changes to all who wait. Who takes `next` before looking misses none that comes while he looks."""

    def __init__(self) -> None:
        self.next = asyncio.Event()
        self.watchers = 0

    def announce(self) -> None:
        self.next.set()
        self.next = asyncio.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Have changes looked for meanwhile."""
        self.watchers += 1
        try:
            yield
        finally:
            self.watchers -= 1


async def _either(change: asyncio.Event, seconds: float) -> None:
    """Wait for a change, but no longer than this."""
    with suppress(TimeoutError):
        await asyncio.wait_for(change.wait(), seconds)


class Progress:
    """The bookmarks of the read models; `follow` keeps them, and the live tables, up to date."""

    def __init__(self, pool: Pool, url: str, tables: Tables, log: Log) -> None:
        self._pool, self._url, self._tables, self._log = pool, url, tables, log
        self._marks: Mapping[str, Mark] = {}
        self.patience = POLL_SECONDS
        self._board = _Board()

    async def marks(self) -> Mapping[str, Mark]:
        """Read how far each model is; from then on the tables are known in which that is so."""
        try:
            async with self._pool.connection() as connection:
                rows = await (await connection.execute(_BOOKMARKS)).fetchall()
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            rows = []  # nothing has been projected yet
        if not all(self._tables.current(model, table) for model, table, *_ in rows):
            await self._tables.refresh()
        self._marks = {model: (position, epoch) for model, _, position, epoch in rows}
        return self._marks

    async def position(self, model: str) -> int:
        """Read how far a model is."""
        return (await self.marks()).get(model, _NOWHERE)[0]

    async def reach(self, model: str, position: int) -> None:
        """Wait until a model has reached a position. Raises NotReached, and BeyondTheLog for one that cannot be reached."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + WAIT_SECONDS
        if self._marks.get(model, _NOWHERE)[0] >= position:
            return
        if position > (head := await asyncio.to_thread(self._log.head)):
            raise BeyondTheLog(position, head)
        with self._board.watched():
            while True:
                change = self._board.next
                if (reached := await self.position(model)) >= position:
                    return
                if (left := deadline - clock()) <= 0:
                    raise NotReached(model, position, reached)
                await _either(change, min(left, POLL_SECONDS))

    async def beyond(self, model: str, position: int) -> int:
        """Wait until a model is beyond a position, but not for long; return where it is."""
        with self._board.watched():
            change = self._board.next
            if self._marks.get(model, _NOWHERE)[0] <= position:
                await _either(change, self.patience)
        return self._marks.get(model, _NOWHERE)[0]

    async def follow(self) -> None:
        """Listen for what the projector announces; poll where its word is lost. Runs until cancelled."""
        await asyncio.gather(self._listen(), self._poll())

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute("LISTEN pujiang_read")
                    async for _ in connection.notifies():
                        await self._tell()
            except psycopg.Error as error:
                LOG.warning("listening-interrupted", error=type(error).__name__)
                self._marks = {}  # a database that was killed may have lost what was projected last
                await asyncio.sleep(RETRY_SECONDS)

    async def _poll(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(POLL_SECONDS)
            looks += 1
            try:
                if looks % TABLES_EVERY == 0:
                    await self._tables.refresh()
                await self._tell()
            except psycopg.Error as error:
                LOG.warning("progress-unknown", error=type(error).__name__)

    async def _tell(self) -> None:
        if self._board.watchers:
            await self.marks()
            self._board.announce()


class Head:
    """The log's last position, watched while somebody waits for it to grow."""

    def __init__(self, log: Log) -> None:
        self._log, self._head, self._board = log, 0, _Board()

    async def beyond(self, position: int, seconds: float) -> int:
        """Wait until the log is beyond a position, or this long; return its last position."""
        if self._head <= position:
            with self._board.watched():
                await _either(self._board.next, seconds)
        return self._head

    async def follow(self) -> None:
        """Watch the log while somebody waits. Runs until cancelled."""
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
