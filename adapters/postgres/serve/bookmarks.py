"""The bookmarks of the read models: one listener for all who wait for a read model to reach a position."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import psycopg
import structlog
from psycopg import errors

from adapters.postgres.serve.board import Board, happened
from adapters.postgres.serve.pace import Pace
from adapters.postgres.serve.pool import Pool, rows_if_any
from adapters.postgres.serve.tables import LiveTables
from streams.ports import Log, LogUnavailable

LOG = structlog.get_logger()

WAIT_SECONDS = 5.0
"""How long `wait_for` waits: far longer than a projector needs, and shorter than a client's patience."""

POLL_SECONDS = 0.25
"""How often the bookmarks are read while somebody waits, in case a notification was lost."""

NAMES_SECONDS = 0.05
"""How often the bookmark of the name index is read by who waits for it."""

TABLES_EVERY = 4
"""With every fourth poll the live tables are read too: once a second."""

RETRY_SECONDS = 1.0
"""How long after a lost connection the listener connects again."""

_BOOKMARKS = b"""
SELECT m.name, m.table_name, min(b.position), sum(b.version)::bigint,
    (SELECT count(*) FROM read.refolding AS r WHERE r.model = m.name)
FROM read.bookmarks AS b JOIN read.models AS m ON m.name = b.model GROUP BY m.name
"""
_NAMES = b"SELECT position, changes FROM read.names_standing"
_MARKED = b"""
SELECT key, since FROM read.refolding WHERE model = %s AND value = ANY(%s)
"""


class Bookmark(NamedTuple):
    """The position that all partitions of a read model have reached, and the version of its rows.

    The version rises with every transaction that changes rows, and with no other. `refolding` counts the marks of rows that lack a correction, because
    they are being folded again.
    """

    position: int
    version: int
    refolding: int = 0


NOWHERE = Bookmark(0, 0)
"""The bookmark of a read model that has none yet."""


class BeyondTheLog(Exception):
    """A position is waited for that the log does not have; it ends at `head`."""

    def __init__(self, position: int, head: int) -> None:
        super().__init__(f"the log ends at position {head}, before {position}")
        self.head = head


class NotReached(Exception):
    """A read model was still at position `reached`, before the one waited for, when time was up."""

    def __init__(self, model: str, position: int, reached: int) -> None:
        super().__init__(
            f"{model} is at position {reached} and did not reach {position} within {WAIT_SECONDS:g} s"
        )
        self.reached = reached


class BeingFoldedAgain(Exception):
    """A row lacks a correction that its read model has passed already: it is being folded again."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"this row of {model} is being folded again, since something in its past has changed: retry in some seconds"
        )


class Bookmarks:
    """The bookmarks of the read models; `follow` keeps them, and the live tables, up to date."""

    def __init__(self, pool: Pool, url: str, tables: LiveTables, log: Log) -> None:
        self._pool, self._url, self._tables, self._log = pool, url, tables, log
        self._known: Mapping[str, Bookmark] = {}
        self.patience = POLL_SECONDS
        self._board, self._pace = Board(), Pace()

    async def read(self) -> Mapping[str, Bookmark]:
        """Return the bookmarks by model. The live tables are then those to which the bookmarks belong."""
        try:
            async with self._pool.connection() as connection:
                rows = await (await connection.execute(_BOOKMARKS)).fetchall()
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            rows = []  # nothing has been projected yet
        if not all(self._tables.current(model, table) for model, table, *_ in rows):
            await self._tables.refresh()
        self._known = {model: Bookmark(*found) for model, _, *found in rows}
        return self._known

    async def position(self, model: str) -> int:
        """Return the position that a model has reached."""
        return (await self.read()).get(model, NOWHERE).position

    async def reach(self, model: str, position: int) -> None:
        """Wait until a model has reached a position. Raises NotReached, and BeyondTheLog for one that the log lacks."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + WAIT_SECONDS
        if self._known.get(model, NOWHERE).position >= position:
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
                await happened(change, min(left, POLL_SECONDS))

    async def reach_names(self, position: int) -> None:
        """Wait until the name index has reached a position that a model has reached. Raises NotReached."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + WAIT_SECONDS
        while (reached := (await self.names()).position) < position:
            if clock() >= deadline:
                raise NotReached("the name index", position, reached)
            await asyncio.sleep(NAMES_SECONDS)

    async def names(self) -> Bookmark:
        """Return the bookmark of the name index; its version rises with every change to it."""
        found = await rows_if_any(self._pool, _NAMES)
        return Bookmark(*found[0]) if found else NOWHERE

    async def reach_row(self, model: str, row: Sequence[Any], position: int) -> None:
        """Wait until a row has all that happened up to a position. Raises as `reach`, and BeingFoldedAgain."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + WAIT_SECONDS
        await self.reach(model, position)
        while any(since <= position for since in await self.marks(model, row)):
            if clock() >= deadline:
                raise BeingFoldedAgain(model)
            await asyncio.sleep(POLL_SECONDS)

    async def marks(self, model: str, row: Sequence[Any]) -> Sequence[int]:
        """Return the positions of the corrections that a row lacks."""
        if not self._known.get(model, NOWHERE).refolding:
            return ()
        try:
            async with self._pool.connection() as connection:
                found = await (await connection.execute(_MARKED, (model, [row[0]]))).fetchall()
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            return ()
        return [since for key, since in found if not key or tuple(msgspec.json.decode(key)) == tuple(row)]

    def standing(self) -> Mapping[str, int]:
        """Return the read models that stand before the end of the log, each with its position."""
        return self._pace.standing(time.monotonic())

    async def beyond(self, model: str, position: int) -> int:
        """Wait until a model is beyond a position, but for at most `patience` seconds; return where it is."""
        with self._board.watched():
            change = self._board.next
            if self._known.get(model, NOWHERE).position <= position:
                await happened(change, self.patience)
        return self._known.get(model, NOWHERE).position

    async def follow(self) -> None:
        """Listen for the projector's notifications, and poll in case one is lost. Runs until cancelled."""
        await asyncio.gather(self._listen(), self._poll())

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute("LISTEN pujiang_read")
                    async for _ in connection.notifies():
                        await self._announce()
            except psycopg.Error as error:
                LOG.warning("listening-interrupted", error=type(error).__name__)
                self._known = {}  # a database that was killed may have lost what was projected last
                await asyncio.sleep(RETRY_SECONDS)

    async def _poll(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(POLL_SECONDS)
            looks += 1
            try:
                if looks % TABLES_EVERY == 0:
                    await self._tables.refresh()
                    await self._look()
                await self._announce()
            except (psycopg.Error, LogUnavailable) as error:
                LOG.warning("progress-unknown", error=type(error).__name__)

    async def _look(self) -> None:
        """Note which read models go on."""
        head = await asyncio.to_thread(self._log.head)
        found = await self.read()
        positions = {model: each.position for model, each in found.items() if model in self._tables.live}
        self._pace.look(positions, head, time.monotonic())

    async def _announce(self) -> None:
        if self._board.watchers:
            await self.read()
            self._board.announce()
