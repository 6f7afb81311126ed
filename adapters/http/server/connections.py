"""All connections of a server: which of them keep it waiting, and which do not read."""

from __future__ import annotations

import asyncio
from typing import Protocol

from adapters.http.server.limits import Limits

SWEEP_SECONDS = 0.5


class Connection(Protocol):
    """A connection, as the bounds over all of them see it."""

    @property
    def unsent(self) -> int:
        """How many bytes wait for the client."""

    def drop(self) -> None:
        """Close the connection at once, with what waits in it."""

    def check(self, now: float) -> None:
        """Close the connection if its client is too slow."""


class Connections:
    """The connections of one server, used by its event loop."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._open: set[Connection] = set()
        self._waiting: dict[Connection, None] = {}
        self._stalled: dict[Connection, None] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def add(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> bool:
        """Take in a connection, for another if need be. Return whether there is a place for it."""
        place = len(self._open) < self.limits.connections
        if not place and (oldest := next(iter(self._waiting), None)):
            self._waiting.pop(oldest)
            oldest.drop()
            place = True
        self._open.add(connection)
        self._waiting[connection] = None
        if self._sweep is None:
            self._sweep = loop.call_later(SWEEP_SECONDS, self._check, loop)
        return place

    def remove(self, connection: Connection) -> None:
        """Forget a connection that is closed."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)
        self._stalled.pop(connection, None)

    def wait(self, connection: Connection) -> None:
        """Note that this connection waits for its client, from now on."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def work(self, connection: Connection) -> None:
        """Note that this connection has a whole request."""
        self._waiting.pop(connection, None)

    def stall(self, connection: Connection) -> None:
        """Note that this connection's client does not keep up. If too much waits in all, drop who has waited longest."""
        self._stalled[connection] = None
        while sum(each.unsent for each in self._stalled) > self.limits.unsent_bytes:
            longest = next(iter(self._stalled))
            self._stalled.pop(longest)
            longest.drop()

    def flow(self, connection: Connection) -> None:
        """Note that this connection's client has read again."""
        self._stalled.pop(connection, None)

    def _check(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for each in (*self._waiting, *self._stalled):
            each.check(now)
        self._sweep = loop.call_later(SWEEP_SECONDS, self._check, loop) if self._open else None
