"""The relay: from the log to the message bus, each entry once, in order, in stretches.

Each stretch is one transaction of the bus. It moves every partition of every packed topic to the same position, with
entries or with a watermark instead. So the records of a partition follow each other without gaps, and the relay's
progress is one position.
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
"""The most entries in a stretch: a commit takes tens of milliseconds, however much it commits."""
STRETCH_BYTES = 4 * 1024 * 1024
"""The most bytes of the entries of a stretch: they are held in memory several times."""
PACE_SECONDS = 0.2
"""How long after the last stretch one that is not full begins: a worker's cost is by the record, so they are packed."""
POLL_SECONDS = 0.02
"""How often the log is looked at while nothing is new."""


class RelayFault(Exception):
    """The relay must not continue; the sentence says why."""


class BusUnavailable(Exception):
    """The bus does not accept anything now. What was being written is not committed; take over again to continue."""


class Reached(Struct, frozen=True, kw_only=True):
    """How far a log has been relayed, by which relay; `entry` is the SHA-256 of the entry at the position, in hex."""

    log: str
    position: int
    entry: str
    relay: str


class Outgoing(Struct, frozen=True, gc=False):
    """An event for subscribers. It has no subject if it cannot be decoded or has no tag."""

    position: int
    header: Header
    subject: str | None


class Packet(Struct, frozen=True, gc=False):
    """A packed record and the partition it is for."""

    kind: str
    partition: int
    record: bytes


class Bus(Protocol):
    """The message bus, as the relay writes to it. Each `take_over` locks out everyone who has taken over before."""

    @property
    def relay(self) -> str:
        """The id of this relay; each relay has its own."""

    def take_over(self) -> Reached | None:
        """Become the relay that writes; return how far the last one came, None if there was none.

        Raises BusUnavailable, and RelayFault if another relay has locked this one out.
        """

    def write(self, events: Sequence[Outgoing], packets: Sequence[Packet], reached: Reached) -> None:
        """Write a stretch, completely or not at all, durable on return; raises as `take_over`."""


class Relay:
    """Relays a log from where the last relay stopped. One thread uses it; after any error, make another one.

    While a stretch is written, the next one is read and packed. Raises RelayFault, BusUnavailable, LogUnavailable.
    """

    def __init__(self, log: Log, codec: Codec, bus: Bus, kinds: Mapping[str, int]) -> None:
        self._log, self._codec, self._bus, self._kinds = log, codec, bus, kinds
        self._id = UUID(log.id).bytes
        self._routes: Routes | None = None
        self._writer = ThreadPoolExecutor(1, "relay-writer")
        self._writing: Future[None] | None = None
        self.position = 0
        """The last position handed to the bus; it is durable once `settle` returns."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.shutdown()

    def run(self, stop: Flag) -> None:
        """Relay until the event is set, and finish the stretch in hand."""
        while not stop.is_set():
            began = time.monotonic()
            taken = self.step()
            if not taken:
                stop.wait(POLL_SECONDS)
            elif taken < BATCH:
                stop.wait(began + PACE_SECONDS - time.monotonic())
        self.settle()

    def step(self) -> int:
        """Hand one stretch to the bus; return how many entries it had, 0 if there was nothing new."""
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
        """Continue where the last relay stopped, if it was on this log, and announce that this relay writes from now on."""
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
                f"the topics belong to the log {last.log}, and this is the log {self._log.id}: "
                "set another prefix, PUJIANG_TOPICS"
            )
        if last.position > (head := self._log.head()):
            raise RelayFault(
                f"position {last.position} was relayed, but the log ends at {head}: it has lost entries"
            )
        if last.position and last.entry != _digest(self._log.read(last.position - 1, last.position)[0]):
            raise RelayFault(f"the entry at position {last.position} is not the one that was relayed")

    def _events(self, stretch: Sequence[Stored], routes: Routes) -> Iterator[Outgoing]:
        """Route a stretch; give the events for subscribers: all entries that can be parsed."""
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
    """Return the beginning of a stretch that is not too large, at least its first entry."""
    size = 0
    for index, stored in enumerate(stretch):
        size += len(stored.entry)
        if size > STRETCH_BYTES and index:
            return stretch[:index]
    return stretch


def _digest(stored: Stored) -> str:
    return sha256(stored.entry).hexdigest()
