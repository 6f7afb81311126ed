"""Relay: from the log to the message bus, each entry once, in order, in stretches.

Each stretch is one transaction of the bus. It moves all partitions of all packed topics to the same position, with
entries or without (a watermark): so the records of a partition follow each other without gaps, and where the relay
is is one position.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from threading import Event as Flag
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from msgspec import Struct

from events.entry import Header, Stored, parse
from streams.bus.packed import frame, pack_frames
from streams.history.aliases import Aliases
from streams.ports import Codec, Log, Undecodable
from streams.relay.routing import Routes

BATCH = 20_000
"""So many entries a stretch has at most: a commit takes tens of milliseconds, whatever it commits."""
STRETCH_BYTES = 4 * 1024 * 1024
"""What the entries of a stretch may take."""
PACE_SECONDS = 0.2
"""A stretch that is not full waits so long since the last, so that records are packed: workers are bound by records."""
POLL_SECONDS = 0.02


class RelayFault(Exception):
    """The relay must not go on: why, in a sentence."""


class BusUnavailable(Exception):
    """The bus can take nothing now. What was in hand is not committed; take over again to go on."""


class Reached(Struct, frozen=True, kw_only=True):
    """How far a log has been relayed: the SHA-256 of the entry at the position in hex, and by which relay."""

    log: str
    position: int
    entry: str
    relay: str


class Outgoing(Struct, frozen=True, gc=False):
    """An event for outside subscribers; it has no subject where it cannot be decoded or has no tag."""

    position: int
    header: Header
    subject: str | None


class Packet(Struct, frozen=True, gc=False):
    """A packed record, and the partition that it is for."""

    kind: str
    partition: int
    record: bytes


class Bus(Protocol):
    """The message bus, as the relay writes to it. A later `take_over`, by whomever, locks out all before it."""

    @property
    def relay(self) -> str:
        """Who writes: another one for each relay."""

    def take_over(self) -> Reached | None:
        """Become the one that writes; return how far the last one came, None if there was none.

        Raises BusUnavailable, and RelayFault where this relay was locked out by another one.
        """

    def write(self, events: Sequence[Outgoing], packets: Sequence[Packet], reached: Reached) -> None:
        """Write a stretch, whole or not at all, durable on return; raises as `take_over`."""


class Relay:
    """Relays a log from where the last relay came to. One thread uses it; after any error, make another one.

    While a stretch is written, the next one is read and made. Raises RelayFault, BusUnavailable, LogUnavailable.
    """

    def __init__(self, log: Log, codec: Codec, bus: Bus, kinds: Mapping[str, int]) -> None:
        self._log, self._codec, self._bus, self._kinds = log, codec, bus, kinds
        self._id = UUID(log.id).bytes
        self._routes: Routes | None = None
        self._writer = ThreadPoolExecutor(1, "relay-writer")
        self._writing: Future[None] | None = None
        self.position = 0
        """What has been handed to the bus; durable once `settle` returns."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.shutdown()

    def run(self, stop: Flag) -> None:
        """Relay until told to stop; what is in hand is finished."""
        while not stop.is_set():
            began = time.monotonic()
            taken = self.step()
            if not taken:
                stop.wait(POLL_SECONDS)
            elif taken < BATCH:
                stop.wait(began + PACE_SECONDS - time.monotonic())
        self.settle()

    def step(self) -> int:
        """Hand one stretch to the bus; return how many entries it had, 0 where there was nothing new."""
        routes = self._routes or self.take_over()
        stretch = _bounded(self._log.read(self.position, limit=BATCH))
        if not stretch:
            self.settle()
            return 0
        events = list(self._events(stretch, routes))
        after, self.position = self.position, stretch[-1].position
        packets = [
            Packet(kind, partition, record)
            for kind, partition, frames in routes.drain()
            for record in pack_frames(self._id, after, self.position, frames)
        ]
        self.settle()
        reached = self._reached(_digest(stretch[-1]))
        self._writing = self._writer.submit(self._bus.write, events, packets, reached)
        return len(stretch)

    def settle(self) -> None:
        """Wait until what was handed to the bus is durable."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()

    def take_over(self) -> Routes:
        """Go on from where the last relay came to, if that is of this log; say that it is this one from now on."""
        last = self._bus.take_over()
        if last is not None:
            self._compare(last)
            self.position = last.position
        self._bus.write((), (), self._reached(last.entry if last else ""))
        self._routes = Routes(self._kinds, Aliases.load(self._log, self._codec, self.position))
        return self._routes

    def _compare(self, last: Reached) -> None:
        if last.log != self._log.id:
            raise RelayFault(
                f"the topics are of the log {last.log}, and this is the log {self._log.id}: "
                "take another prefix, PUJIANG_TOPICS"
            )
        if last.position > (head := self._log.head()):
            raise RelayFault(
                f"position {last.position} was relayed, but the log ends at {head}: it has lost entries"
            )
        if last.position and last.entry != _digest(self._log.read(last.position - 1, last.position)[0]):
            raise RelayFault(f"the entry at position {last.position} is not the one that was relayed")

    def _events(self, stretch: Sequence[Stored], routes: Routes) -> Iterator[Outgoing]:
        """Route a stretch; give the events for outside subscribers: all that can be taken apart."""
        for stored in stretch:
            framed = frame(stored)
            try:
                header = parse(stored.entry)
            except ValueError:
                routes.take_unreadable(framed)
                continue
            try:
                subject = routes.take(self._codec.event(stored.position, header), framed)
            except Undecodable:
                routes.take_unreadable(framed)
                subject = None
            yield Outgoing(stored.position, header, subject)

    def _reached(self, entry: str) -> Reached:
        return Reached(log=self._log.id, position=self.position, entry=entry, relay=self._bus.relay)


def _bounded(stretch: Sequence[Stored]) -> Sequence[Stored]:
    """Return as much of a stretch as is not too large: at least its first entry."""
    size = 0
    for index, stored in enumerate(stretch):
        size += len(stored.entry)
        if size > STRETCH_BYTES and index:
            return stretch[:index]
    return stretch


def _digest(stored: Stored) -> str:
    return sha256(stored.entry).hexdigest()
